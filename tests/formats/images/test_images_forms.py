"""multipart/form-data of an edit: every way to read it, and the one way to write it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

import imagewire
from cases import DATA, case
from hub import GIF, PNG, PNG_URI
from images_bodies import GIF_IMAGE, PNG_IMAGE, facts
from imagewire import images
from imagewire.model import Image, ImageRequest, ImageSettings, Part, Size

Json = dict[str, Any]

MODEL = "gpt-image-2"
PNG_RAW, GIF_RAW = base64.b64decode(PNG), base64.b64decode(GIF)
FORM = "multipart/form-data; boundary=b"
_HEAD, _, SAMPLE = (DATA / "images_request_edit_multipart.http").read_bytes().partition(b"\r\n\r\n")
SAMPLE_TYPE = _HEAD.partition(b"Content-Type: ")[2].decode()


def field(name: str, value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + raw


def file(name: str, raw: bytes, kind: str | None = "image/png", filename: str = "a") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    declared = "" if kind is None else f"\r\nContent-Type: {kind}"
    return f"{head}{declared}\r\n\r\n".encode() + raw


def form(*parts: bytes) -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


HAT = (field("model", MODEL), field("prompt", "a hat"))


def read(*parts: bytes, content_type: str = FORM) -> ImageRequest:
    outcome = images.read_request(form(*HAT, *parts), content_type=content_type)
    assert () == outcome.losses
    return outcome.value


def input_images(request: ImageRequest) -> list[Image | None]:
    return [part.image for part in request.turns[0].parts[:-1]]


class TestReadingFiles:
    def test_the_sample_of_the_sdk_is_read(self) -> None:
        outcome = images.read_request(SAMPLE, content_type=SAMPLE_TYPE)
        request = outcome.value
        kinds = [image and image.media_type for image in input_images(request)]

        assert (MODEL, 2, Size(width=1024, height=1024), PNG_IMAGE, ()) == (
            request.model,
            request.count,
            request.image.size,
            request.mask,
            outcome.losses,
        )
        assert ["image/png", "image/jpeg"] == kinds
        assert Part(text="Add a hat") == request.turns[0].parts[-1]

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            case("image", [file("image", PNG_RAW)], [PNG_IMAGE]),
            case("image[]", [file("image[]", PNG_RAW)], [PNG_IMAGE]),
            case(
                "several-image[]",
                [file("image[]", PNG_RAW), file("image[]", GIF_RAW, "image/gif")],
                [PNG_IMAGE, GIF_IMAGE],
            ),
            case(
                "several-image",
                [file("image", GIF_RAW, "image/gif"), file("image", PNG_RAW)],
                [GIF_IMAGE, PNG_IMAGE],
            ),
            case("octet-stream", [file("image", PNG_RAW, "application/octet-stream")], [PNG_IMAGE]),
            case("no-type", [file("image", GIF_RAW, None)], [GIF_IMAGE]),
            case("empty-type", [file("image", GIF_RAW, "")], [GIF_IMAGE]),
            case("type-parameters", [file("image", PNG_RAW, "image/png; x=y")], [PNG_IMAGE]),
            case("jpg", [file("image", b"\xff\xd8\xff\xe0", "image/jpg")], None),
            case("url-as-text", [field("image", "https://a.b/c")], [Image(url="https://a.b/c")]),
            case("uri-as-text", [field("image", PNG_URI)], [PNG_IMAGE]),
            case("empty-filename", [file("image", PNG_RAW, filename="")], [PNG_IMAGE]),
        ],
    )
    def test_a_file_is_an_input_image(
        self, parts: list[bytes], expected: list[Image] | None
    ) -> None:
        known = [Image(data="/9j/4A==", media_type="image/jpeg")] if expected is None else expected

        assert known == input_images(read(*parts))

    def test_a_wrong_type_is_corrected(self) -> None:
        outcome = images.read_request(
            form(*HAT, file("image", GIF_RAW, "image/png")), content_type=FORM
        )

        assert [GIF_IMAGE] == input_images(outcome.value)
        assert ["CORRECTED"] == [loss.kind for loss in outcome.losses]

    @pytest.mark.parametrize("raw", [b"--b", b"\r\n--", b"\r\n", b"\r\n--c\r\n", b"--b--\r"])
    def test_bytes_that_look_like_a_boundary_are_an_images_own(self, raw: bytes) -> None:
        data = base64.b64encode(PNG_RAW + raw).decode()

        assert [Image(data=data, media_type="image/png")] == input_images(
            read(file("image", PNG_RAW + raw))
        )

    @pytest.mark.parametrize(
        ("part", "error"),
        [
            case("text-file", file("image", b"hello", "text/plain"), imagewire.MalformedError),
            case("empty-file", file("image", b""), imagewire.MalformedError),
            case("words", field("image", "a fox"), imagewire.MalformedError),
        ],
    )
    def test_what_is_no_image_raises(self, part: bytes, error: type[Exception]) -> None:
        with pytest.raises(error):
            read(part)

    def test_order_of_parts_does_not_matter(self) -> None:
        body = form(file("mask", GIF_RAW, "image/gif"), file("image", PNG_RAW), *reversed(HAT))
        request = images.read_request(body, content_type=FORM).value

        assert (GIF_IMAGE, [PNG_IMAGE]) == (request.mask, input_images(request))


class TestReadingFields:
    """All values are texts."""

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            case("n", "n", "2", {"count": 2}),
            case(
                "size",
                "size",
                "1024x1536",
                {"image": ImageSettings(size=Size(width=1024, height=1536))},
            ),
            case("auto", "size", "auto", {"image": ImageSettings()}),
            case("quality", "quality", "low", {"image": ImageSettings(quality="low")}),
            case(
                "background", "background", "opaque", {"image": ImageSettings(background="opaque")}
            ),
            case("format", "output_format", "jpeg", {"image": ImageSettings(format="jpeg")}),
            case(
                "compression", "output_compression", "85", {"image": ImageSettings(compression=85)}
            ),
            case(
                "fidelity",
                "input_fidelity",
                "high",
                {"image": ImageSettings(input_fidelity="high")},
            ),
            case("moderation", "moderation", "low", {"image": ImageSettings(moderation="low")}),
            case("user", "user", "u-1", {"user": "u-1"}),
            case("response-format", "response_format", "url", {"response_format": "url"}),
            case("no-stream", "stream", "false", {}),
            case("no-partials", "partial_images", "0", {}),
        ],
    )
    def test_a_text_field_is_read(self, name: str, value: str, expected: Json) -> None:
        request = read(field(name, value))

        assert expected == {key: getattr(request, key) for key in expected}

    @pytest.mark.parametrize(
        ("name", "value"), [("stream", "true"), ("partial_images", "2"), ("n", "11"), ("n", "0")]
    )
    def test_what_is_refused_in_json_is_refused_here(self, name: str, value: str) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            read(field(name, value))

        assert name == caught.value.param

    @pytest.mark.parametrize(
        ("parts", "path"),
        [
            case("two-prompts", [field("prompt", "b")], "$.prompt"),
            case("two-masks", [file("mask", PNG_RAW), file("mask", GIF_RAW)], "$.mask"),
            case("not-a-number", [field("n", "two")], "$.n"),
            case("not-utf-8", [field("user", b"\xff\xfe")], "$.user"),
        ],
    )
    def test_a_bad_field_raises_with_its_name(self, parts: list[bytes], path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            read(*parts)

        assert (path, 400) == (caught.value.path, caught.value.status)

    def test_unknown_fields_are_written_back_or_reported(self) -> None:
        body = form(*HAT, field("svg[model]", "m"), file("image", PNG_RAW))
        same = imagewire.translate_request(
            body, source="images", target="images", content_type=FORM
        )
        chat = imagewire.translate_request(body, source="images", target="chat", content_type=FORM)

        assert b'name="svg[model]"\r\n\r\nm\r\n' in bytes(same.body)
        assert [("DROPPED", "$.svg[model]")] == facts(chat.losses)

    def test_every_text_comes_back_byte_identical(self) -> None:
        words = ' a "hat"\r\n\r\nfor a 狐 \t'
        request = images.read_request(
            form(field("prompt", words), file("image", PNG_RAW)), content_type=FORM
        ).value

        assert words == request.turns[0].parts[-1].text


class TestContentType:
    @pytest.mark.parametrize(
        "content_type",
        [
            case("plain", "multipart/form-data; boundary=b"),
            case("quoted", 'multipart/form-data; boundary="b"'),
            case("upper-case", "Multipart/Form-Data; Boundary=b"),
            case("charset-first", "multipart/form-data; charset=utf-8; boundary=b"),
            case("no-space", "multipart/form-data;boundary=b"),
        ],
    )
    def test_a_form_is_known_by_its_type(self, content_type: str) -> None:
        request = read(file("image", PNG_RAW), content_type=content_type)

        assert [PNG_IMAGE] == input_images(request)

    @pytest.mark.parametrize(
        "content_type",
        [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            'multipart/form-data; boundary=""',
        ],
    )
    def test_a_missing_boundary_raises(self, content_type: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            read(content_type=content_type)

        assert 400 == caught.value.status

    def test_a_wrong_boundary_raises(self) -> None:
        with pytest.raises(imagewire.MalformedError):
            read(content_type="multipart/form-data; boundary=c")

    def test_json_of_another_type_is_json(self) -> None:
        read = images.read_request(b'{"prompt": "a hat"}', content_type="text/plain")

        assert "a hat" == read.value.turns[0].parts[0].text

    def test_a_mapping_is_json_whatever_the_type(self) -> None:
        read = images.read_request({"prompt": "a hat"}, content_type=FORM)

        assert "a hat" == read.value.turns[0].parts[0].text


class TestMalformed:
    @pytest.mark.parametrize("end", range(0, len(SAMPLE) - 4, 37))
    def test_a_truncated_form_raises(self, end: int) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_request(SAMPLE[:end], content_type=SAMPLE_TYPE)

        assert 400 == caught.value.status

    @pytest.mark.parametrize(
        "body",
        [
            case("empty", b""),
            case("json", b'{"prompt": "a hat"}'),
            case("no-name", form(b"Content-Disposition: form-data\r\n\r\nx")),
            case("no-disposition", form(b"Content-Type: text/plain\r\n\r\nx")),
            case("no-header", b"--b\r\n\r\nx\r\n--b--\r\n"),
            case("bad-header", b"--b\r\nContent Disposition\r\n\r\nx\r\n--b--\r\n"),
            case("no-end", b"--b\r\n" + HAT[0] + b"\r\n--b\r\n"),
        ],
    )
    def test_what_is_no_form_raises(self, body: bytes) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_request(body, content_type=FORM)

        assert 400 == caught.value.status

    def test_a_form_without_parts_has_no_prompt(self) -> None:
        with pytest.raises(imagewire.TranslationError):
            imagewire.translate_request(
                b"--b--\r\n", source="images", target="images", content_type=FORM, model=MODEL
            )


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            case("bytes", SAMPLE),
            case("bytearray", bytearray(SAMPLE)),
            case("memoryview", memoryview(SAMPLE)),
            case("view-with-gaps", memoryview(bytes(b for x in SAMPLE for b in (x, 0)))[::2]),
        ],
    )
    def test_any_buffer_will_do(self, body: bytes | bytearray | memoryview) -> None:
        assert images.read_request(SAMPLE, content_type=SAMPLE_TYPE) == images.read_request(
            body, content_type=SAMPLE_TYPE
        )

    def test_a_string_will_do_for_texts(self) -> None:
        body = form(*HAT, field("image", PNG_URI)).decode()

        assert [PNG_IMAGE] == input_images(images.read_request(body, content_type=FORM).value)

    def test_the_model_is_read(self) -> None:
        assert MODEL == imagewire.read_model(SAMPLE, source="images", content_type=SAMPLE_TYPE)
        assert None is imagewire.read_model(
            form(field("prompt", "a")), source="images", content_type=FORM
        )

    @pytest.mark.parametrize(
        ("part", "target", "expected"),
        [
            case("mask", file("mask", PNG_RAW), "chat", "$.mask"),
            case("size", field("size", "1000x1000"), "gemini", "$.size"),
            case("quality", field("quality", "high"), "gemini", "$.quality"),
        ],
    )
    def test_losses_and_errors_point_to_fields(
        self, part: bytes, target: str, expected: str
    ) -> None:
        body = form(*HAT, part, file("image", PNG_RAW))
        model = "gemini-3-pro-image-preview" if target == "gemini" else None
        try:
            result = imagewire.translate_request(
                body, source="images", target=target, model=model, content_type=FORM
            )
        except imagewire.InexpressibleError as error:
            found = [error.path]
        else:
            found = [loss.path for loss in result.losses]

        assert [expected] == found

    def test_remote_images_of_a_form_are_listed(self) -> None:
        url = "https://example.com/a.png"

        assert (url,) == imagewire.remote_images(
            form(*HAT, field("image", url)), source="images", target="gemini", content_type=FORM
        )
