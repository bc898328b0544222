"""Names of a form's fields, in brackets and with numbers; files, and what becomes fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagewire
from cases import options_for
from hub import GIF, PNG
from images_bodies import GIF_IMAGE, PNG_IMAGE, facts
from images_forms import ASKED, FORM, GIF_RAW, HAT, PNG_RAW, edit, fields_of, form, pictures, read
from imagewire import images
from imagewire.formats.images.form import Name, read_form, read_name
from imagewire.model import Extra, File, ImageRequest, Part, Turn
from outcomes import outcome


class TestNames:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("image", Name("image", "image")),
            ("image[]", Name("image[]", "image", ("",))),
            ("images[12]", Name("images[12]", "images", ("12",))),
            ("tags[][name]", Name("tags[][name]", "tags", ("", "name"))),
            (" model ", Name(" model ", "model")),
            ("model[", Name("model[", "model")),
            ("model[]]", Name("model[]]", "model")),
            ("model[][a]x", Name("model[][a]x", "model")),
        ],
    )
    def test_a_name_is_taken_apart_at_its_brackets(self, name: str, expected: Name) -> None:
        assert expected == read_name(name)

    @pytest.mark.parametrize(
        ("name", "index"),
        [("image[3]", 3), ("image[007]", 7), ("image", None), ("image[]", None)]
        + [("image[1][2]", None), ("image[\u0663]", None), (f"image[{'9' * 5000}]", None)],
    )
    def test_a_number_in_brackets_is_an_index(self, name: str, index: int | None) -> None:
        assert index == read_name(name).index


class TestNumberedPictures:
    """PHP cannot repeat a name (php/php-src 15859): it sends ``image[0]``, ``image[1]``."""

    @pytest.mark.parametrize("base", ["image", "images"])
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_files_stand_in_the_order_of_their_numbers(self, target: str, base: str) -> None:
        body = form(*HAT, (f"{base}[10]", PNG_RAW, "b.png"), (f"{base}[9]", GIF_RAW, "a.gif"))
        request = images.read_request(body, content_type=FORM).value
        result = imagewire.translate_request(
            body,
            source="images",
            target=target,
            model=None if target in {"images", "responses"} else "gemini-3-pro-image-preview",
            content_type=FORM,
            options=options_for(target),
        )

        assert [GIF_IMAGE, PNG_IMAGE] == pictures(request)
        assert () == result.losses

    @pytest.mark.parametrize("base", ["image", "images"])
    def test_keys_of_json_too(self, base: str) -> None:
        body = {**ASKED, f"{base}[10]": [{"image_url": PNG}], f"{base}[9]": GIF, "image": PNG}
        read = images.read_request(body)

        assert ([PNG_IMAGE, GIF_IMAGE, PNG_IMAGE], ()) == (pictures(read.value), read.losses)

    @pytest.mark.parametrize(
        ("value", "path"),
        [
            ("a fox", "$.image[3]"),
            ([5], "$.image[3][0]"),
            ({"image_url": 5}, "$.image[3].image_url"),
        ],
    )
    def test_what_is_no_picture_raises_with_its_key(self, value: Any, path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_request({**ASKED, "image[3]": value})

        assert path == caught.value.path

    @pytest.mark.parametrize(
        ("value", "path"),
        [
            ({"image_url": GIF, "note": 1}, "$.image[3].note"),
            ([{"image_url": GIF, "note": 1}], "$.image[3][0].note"),
        ],
    )
    def test_unknown_fields_of_one_are_reported_at_it(self, value: Any, path: str) -> None:
        result = imagewire.translate_request(
            {**ASKED, "image[3]": value}, source="images", target="chat"
        )

        assert [("DROPPED", path)] == facts(result.losses)

    def test_null_is_none(self) -> None:
        assert [] == pictures(images.read_request({**ASKED, "image[3]": None}).value)

    @pytest.mark.parametrize("name", ["image_1", "imageFile", "images[a]", "image[][file]"])
    def test_a_file_whose_name_begins_with_image_is_an_input_image(self, name: str) -> None:
        assert [GIF_IMAGE] == pictures(read((name, GIF_RAW, "a")))

    def test_a_text_of_such_a_name_is_a_field(self) -> None:
        request = read(("image_size", b"2K"), ("image", GIF_RAW, "a"))

        assert [GIF_IMAGE] == pictures(request)
        assert "2K" == request.image.tier


class TestMasks:
    @pytest.mark.parametrize("name", ["mask", "mask[]", "mask[0]"])
    def test_a_mask_may_be_a_list_of_one(self, name: str) -> None:
        asked = {**ASKED, "image": PNG, name: GIF}

        assert GIF_IMAGE == read(("image", PNG_RAW, "a"), (name, GIF_RAW, "m")).mask
        assert GIF_IMAGE == images.read_request(asked).value.mask

    def test_a_list_in_json_too(self) -> None:
        asked = {**ASKED, "image": PNG, "mask[]": [{"image_url": GIF, "note": 1}]}
        result = imagewire.translate_request(
            asked, source="images", target="images", options=imagewire.Options(edit_body="json")
        )

        assert 1 == json.loads(bytes(result.body))["mask"]["note"]
        assert () == result.losses

    @pytest.mark.parametrize(
        "fields",
        [{"mask": GIF, "mask[]": GIF}, {"mask[]": [GIF, GIF]}, {"mask[0]": GIF, "mask[1]": GIF}],
    )
    def test_two_are_refused(self, fields: dict[str, Any]) -> None:
        parts = [(name, GIF_RAW, "m") for name, value in fields.items() for _ in value[:2]]
        with pytest.raises(imagewire.MalformedError):
            images.read_request({**ASKED, "image": PNG, **fields})
        with pytest.raises(imagewire.MalformedError, match="two fields `mask`"):
            read(("image", PNG_RAW, "a"), *parts)


class TestTakenNames:
    @pytest.mark.parametrize("name", ["model[]", "n[]", "prompt[]", "model[a]", " model", "user["])
    def test_an_unknown_key_never_becomes_a_known_field(self, name: str) -> None:
        result = edit(**{name: "x"})

        assert ["DROPPED"] == [kind for kind, _ in facts(result.losses)]
        assert ["model", "prompt", "image"] == [field for field, _ in fields_of(result)]

    def test_one_of_a_form_neither(self) -> None:
        body = form(*HAT, ("model[a]", b"x"), ("image", GIF_RAW, "a"))
        result = imagewire.translate_request(
            body, source="images", target="images", content_type=FORM
        )

        assert [("DROPPED", "$.model[a]")] == facts(result.losses)
        assert b"model[a]" not in bytes(result.body)

    @pytest.mark.parametrize(
        ("fields", "dropped"),
        [
            ({"a": {"b": "1"}, "a[b]": "2"}, "$.a[b]"),
            ({'q"': "1", "q%22": "2"}, "$.q%22"),
            ({"tags": "1", "tags[]": "2"}, "$.tags[]"),
            ({"a": {"b": 1, "b][c": 2}, "a[b][c]": 2}, "$.a[b][c]"),
        ],
    )
    def test_two_keys_never_become_one_field(self, fields: dict[str, Any], dropped: str) -> None:
        result = edit(**fields)

        assert [dropped] == [path for kind, path in facts(result.losses) if kind == "DROPPED"]
        assert 1 == sum(value == b"1" for _, value in fields_of(result))
        again = imagewire.translate_request(
            bytes(result.body),
            source="images",
            target="images",
            content_type=result.headers["content-type"],
        )
        assert bytes(result.body) == bytes(again.body)

    @given(
        st.dictionaries(
            st.text(alphabet='amodel[]0 "%', max_size=8),
            st.recursive(
                st.sampled_from(["x", 1, None]),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(st.text(alphabet="ab[]", max_size=3), inner, max_size=2)
                ),
                max_leaves=5,
            ),
            max_size=4,
        )
    )
    @settings(max_examples=300)
    def test_what_is_written_is_read_back(self, fields: dict[str, Any]) -> None:
        """Into the same form, with the same model: no field that was made up refuses it."""
        first = outcome(lambda: edit(**{"model": "gpt-image-2", **fields}))
        if isinstance(first, imagewire.TranslationError):
            return
        body, content_type = bytes(first.body), first.headers["content-type"]
        again = imagewire.translate_request(
            body, source="images", target="images", content_type=content_type
        )

        assert first.model == imagewire.read_model(body, source="images", content_type=content_type)
        assert sorted(fields_of(first)) == sorted(fields_of(again))


class TestFiles:
    """A file is a type of its own: nothing in a JSON body is taken for one."""

    LIKE_ONE: tuple[dict[str, Any], ...] = (
        {"filename": "a", "content_type": "b", "base64": "!"},
        {"filename": None, "content_type": [], "base64": 5},
        {"name": "a", "data": "!", "media_type": "b"},
    )

    @pytest.mark.parametrize("value", LIKE_ONE)
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_an_object_of_a_client_never_becomes_an_upload(
        self, target: str, value: dict[str, Any]
    ) -> None:
        result = imagewire.translate_request(
            {**ASKED, "image": GIF, "u": value},
            source="images",
            target=target,
            model=None if target != "gemini" else "gemini-3-pro-image-preview",
            options=options_for(target),
        )

        assert 1 == bytes(result.body).count(b"filename=") or target != "images"
        assert {"$.u"} == {loss.path for loss in result.losses}

    def test_a_file_without_a_field_goes_back_into_a_form(self) -> None:
        body = form(
            *HAT,
            ("image", GIF_RAW, "a.gif"),
            ("lut[]", b"\x00\r\n\xff", "one.cube"),
            ("lut[]", b"", "two.cube"),
        )
        result = imagewire.translate_request(
            body, source="images", target="images", content_type=FORM
        )

        assert [("lut[]", b"\x00\r\n\xff"), ("lut[]", b"")] == fields_of(result)[3:]
        assert () == result.losses

    @pytest.mark.parametrize(
        ("target", "options"),
        [
            ("chat", {}),
            ("images", {"edit_body": "json"}),
            ("images", {"unknown_fields": "drop"}),
        ],
    )
    def test_elsewhere_it_is_reported(self, target: str, options: dict[str, Any]) -> None:
        body = form(*HAT, ("image", GIF_RAW, "a.gif"), ("lut", b"x", "one.cube"))
        result = imagewire.translate_request(
            body,
            source="images",
            target=target,
            content_type=FORM,
            options=imagewire.Options(**options),
        )

        assert [("DROPPED", "$.lut")] == facts(result.losses)
        assert b"lut" not in bytes(result.body)

    def test_two_files_of_one_name_are_refused(self) -> None:
        with pytest.raises(imagewire.MalformedError, match="two fields `lut`"):
            read(("lut", b"a", "a"), ("lut", b"b", "b"))

    @pytest.mark.parametrize("name", ["model[]", "n", "prompt[]"])
    def test_a_file_in_the_place_of_a_known_field_is_read_as_that(self, name: str) -> None:
        with pytest.raises(imagewire.MalformedError):
            read(("image", GIF_RAW, "a"), (name, b"x", "f"))

    @pytest.mark.parametrize(
        ("extra", "expected"),
        [
            (("lut", 0, "a"), [("lut[0][a]", b"\x00")]),
            (("model", "a"), []),
        ],
    )
    def test_a_file_of_the_hub_is_written_by_its_path(
        self, extra: tuple[str | int, ...], expected: list[tuple[str, bytes]]
    ) -> None:
        written = images.write_request(self.with_file(extra, "AA=="))
        parts = read_form(bytes(written.value.body), written.value.headers["content-type"])

        assert expected == [(part.name, bytes(part.data)) for part in parts[3:]]
        assert (not expected) == bool(written.losses)

    def test_one_that_is_no_base64_is_refused(self) -> None:
        with pytest.raises(imagewire.MalformedError, match="invalid base64"):
            images.write_request(self.with_file(("lut",), "!"))

    @staticmethod
    def with_file(path: tuple[str | int, ...], data: str) -> ImageRequest:
        file = File(name="f", data=data)
        extras = (Extra(format="images", path=path, value=None, file=file),)
        parts = (Part(image=GIF_IMAGE), Part(text="a hat"))
        return ImageRequest(
            model="gpt-image-2", turns=(Turn(role="user", parts=parts),), extras=extras
        )


class TestKnownObjects:
    @pytest.mark.parametrize(
        "field",
        [
            {"extra_body": {"steps": {"first": 20}, "on": True}},
            {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
            {"generation_config": {"image_config": {"aspect_ratio": "16:9"}}},
            {"image_config": {"aspect_ratio": "16:9", "seed": 7}},
        ],
        ids=str,
    )
    def test_an_object_that_brackets_cannot_say_is_its_json(self, field: dict[str, Any]) -> None:
        """In brackets it was lost on a second pass: none of such names is a field that is read."""
        result = edit(**field)
        ((name, value),) = field.items()
        again = imagewire.translate_request(
            bytes(result.body),
            source="images",
            target="images",
            content_type=result.headers["content-type"],
        )

        assert value == json.loads(dict(fields_of(result))[name])
        assert bytes(result.body) == bytes(again.body)
        assert () == result.losses == again.losses

    def test_a_shape_stays_in_brackets_as_the_sdk_writes_it(self) -> None:
        result = edit(image_config={"aspect_ratio": "16:9"})

        assert ("image_config[aspect_ratio]", b"16:9") in fields_of(result)
        assert () == result.losses
