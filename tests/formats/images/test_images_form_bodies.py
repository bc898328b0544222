"""The body of an edit that we write: JSON or a form, its files, its boundary."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import json
from typing import Any

import pytest

import imagewire
from cases import case
from hub import GIF, PNG
from images_bodies import GIF_IMAGE, PNG_IMAGE, facts
from imagewire import images
from imagewire.messages import WireRequest
from imagewire.model import Image, ImageRequest, ImageSettings, Part, Turn

MODEL = "gpt-image-1"
WORDS = Part(text="a hat")
REMOTE = Image(url="https://example.com/a.png")
UPLOADED = Image(file_id="f")


def ask(*inputs: Image, **fields: Any) -> ImageRequest:
    parts = (*(Part(image=image) for image in inputs), WORDS)
    turns = (Turn(role="user", parts=parts),)
    return ImageRequest(model=MODEL, model_as_given=MODEL, turns=turns, **fields)


def write(request: ImageRequest, **options: Any) -> WireRequest:
    return images.write_request(request, options=imagewire.Options(**options)).value


def parts_of(wire: WireRequest) -> list[tuple[str, str | None, str | None, bytes]]:
    """Name, file name, type and bytes of each part, by another parser than ours."""
    head = f"Content-Type: {wire.headers['content-type']}\r\n\r\n".encode()
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(head + bytes(wire.body))
    found = []
    for part in message.iter_parts():
        name = part["content-disposition"].params["name"]
        file = part.get_filename()
        kind = part.get_content_type() if "content-type" in part else None
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)
        found.append((name, file, kind, raw))
    return found


class TestStyle:
    @pytest.mark.parametrize(
        ("inputs", "mask", "style", "is_form"),
        [
            case("file", [PNG_IMAGE], None, "auto", True),
            case("files", [PNG_IMAGE, GIF_IMAGE], PNG_IMAGE, "auto", True),
            case("url", [REMOTE], None, "auto", False),
            case("file-id", [UPLOADED], None, "auto", False),
            case("one-url-of-two", [PNG_IMAGE, REMOTE], None, "auto", False),
            case("mask-url", [PNG_IMAGE], REMOTE, "auto", False),
            case("mask-file-id", [PNG_IMAGE], UPLOADED, "auto", False),
            case("json", [PNG_IMAGE], PNG_IMAGE, "json", False),
            case("multipart", [PNG_IMAGE], PNG_IMAGE, "multipart", True),
            case("generation", [], None, "auto", False),
            case("generation-multipart", [], None, "multipart", False),
        ],
    )
    def test_a_form_unless_something_is_elsewhere(
        self,
        inputs: list[Image],
        mask: Image | None,
        style: str,
        is_form: bool,  # noqa: FBT001
    ) -> None:
        wire = write(ask(*inputs, mask=mask), edit_body=style)
        kind = "multipart/form-data" if is_form else "application/json"

        assert kind == wire.headers["content-type"].partition(";")[0]
        assert "/v1/images/" + ("edits" if inputs else "generations") == wire.path
        assert {"content-type", "content-length"} == set(wire.headers)
        assert str(len(bytes(wire.body))) == wire.headers["content-length"]

    @pytest.mark.parametrize(
        ("inputs", "mask"),
        [
            case("url", [REMOTE], None),
            case("file-id", [UPLOADED], None),
            case("mask", [PNG_IMAGE], REMOTE),
        ],
    )
    def test_a_form_that_was_asked_for_cannot_refer(
        self, inputs: list[Image], mask: Image | None
    ) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            write(ask(*inputs, mask=mask), edit_body="multipart")

        assert 400 == caught.value.status

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("image", {"images": [PNG, REMOTE.url]}, "$.images[1]"),
            case("mask", {"images": [PNG], "mask": {"file_id": "m"}}, "$.mask"),
        ],
    )
    def test_the_error_points_to_what_is_elsewhere(self, fields: dict[str, Any], path: str) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            imagewire.translate_request(
                {"model": MODEL, "prompt": "a hat", **fields},
                source="images",
                target="images",
                options=imagewire.Options(edit_body="multipart"),
            )

        assert path == caught.value.path


class TestParts:
    def test_fields_are_texts_before_files(self) -> None:
        settings = ImageSettings(
            quality="high",
            background="opaque",
            format="jpeg",
            compression=85,
            input_fidelity="high",
            aspect_ratio="1:1",
        )
        wire = write(ask(PNG_IMAGE, count=2, user="u", image=settings, safety_identifier="s"))
        raw = {name: value.decode() for name, file, _, value in parts_of(wire) if file is None}

        assert {
            "model": MODEL,
            "prompt": "a hat",
            "n": "2",
            "size": "1024x1024",
            "quality": "high",
            "background": "opaque",
            "output_format": "jpeg",
            "output_compression": "85",
            "input_fidelity": "high",
            "user": "u",
            "safety_identifier": "s",
        } == raw
        assert ["image"] == [name for name, *_ in parts_of(wire)][len(raw) :]

    @pytest.mark.parametrize(
        ("inputs", "names"),
        [
            case("one", [PNG_IMAGE], ["image"]),
            case("two", [PNG_IMAGE, GIF_IMAGE], ["image[]", "image[]"]),
        ],
    )
    def test_one_file_is_image_and_several_are_a_list(
        self, inputs: list[Image], names: list[str]
    ) -> None:
        wire = write(ask(*inputs, mask=PNG_IMAGE))
        files = [(name, raw) for name, file, _, raw in parts_of(wire) if file is not None]
        expected = [base64.b64decode(image.data or "") for image in (*inputs, PNG_IMAGE)]

        assert [*zip((*names, "mask"), expected, strict=True)] == files

    @pytest.mark.parametrize(
        ("kind", "ending"),
        [
            ("image/png", ".png"),
            ("image/jpeg", ".jpg"),
            ("image/webp", ".webp"),
            ("image/gif", ".gif"),
            ("image/heic", ".heic"),
            ("image/avif", ".avif"),
            ("image/svg+xml", ".svg"),
            ("image/x-new", ".bin"),
            (None, ".png"),
        ],
    )
    def test_a_file_has_a_name_and_a_type(self, kind: str | None, ending: str) -> None:
        wire = write(ask(Image(data=PNG, media_type=kind)))
        name, declared = next((file, kind) for _, file, kind, _ in parts_of(wire) if file)

        assert (True, kind or "image/png") == (name.endswith(ending), declared)

    @pytest.mark.parametrize(
        ("style", "losses"),
        [("multipart", [("DROPPED", "$.image.moderation")]), ("json", []), ("auto", None)],
    )
    def test_moderation_is_dropped_in_a_form_alone(self, style: str, losses: Any) -> None:
        known: dict[str, Any] = {"edit_body": style}
        outcome = images.write_request(
            ask(PNG_IMAGE, image=ImageSettings(moderation="low")),
            options=imagewire.Options(**known),
        )
        expected = [("DROPPED", "$.image.moderation")] if losses is None else losses

        assert expected == facts(outcome.losses)
        assert (not expected) == (b"moderation" in bytes(outcome.value.body))

    def test_moderation_stays_in_a_generation(self) -> None:
        wire = write(ask(image=ImageSettings(moderation="low")), edit_body="multipart")

        assert "low" == json.loads(bytes(wire.body))["moderation"]

    def test_what_is_written_reads_back_equal(self) -> None:
        settings = ImageSettings(quality="high", compression=0, format="webp")
        request = ask(PNG_IMAGE, GIF_IMAGE, mask=PNG_IMAGE, count=3, image=settings, user="u")
        wire = write(request)
        back = images.read_request(
            bytes(wire.body), content_type=wire.headers["content-type"]
        ).value

        assert (request.turns, request.mask, 3, settings, "u") == (
            back.turns,
            back.mask,
            back.count,
            back.image,
            back.user,
        )


class TestBoundary:
    def test_a_given_one_is_used(self) -> None:
        wire = write(ask(PNG_IMAGE), boundary="my_own")

        assert "multipart/form-data; boundary=my_own" == wire.headers["content-type"]
        assert bytes(wire.body).startswith(b"--my_own\r\n")
        assert bytes(wire.body).endswith(b"--my_own--\r\n")

    @pytest.mark.parametrize(
        ("inputs", "boundary"),
        [
            case("in-a-text", [PNG_IMAGE], "hat"),
            case("in-an-image", [PNG_IMAGE], "IHDR"),
            case("in-a-later-image", [PNG_IMAGE, GIF_IMAGE], "GIF89a"),
        ],
    )
    def test_a_given_one_that_occurs_in_the_content_raises(
        self, inputs: list[Image], boundary: str
    ) -> None:
        with pytest.raises(imagewire.TranslationError) as caught:
            write(ask(*inputs), boundary=boundary)

        assert 400 == caught.value.status

    @pytest.mark.parametrize("boundary", ["", "a b", "a" * 71, "a\r\n", "ä"])
    def test_what_is_no_boundary_is_a_wrong_argument(self, boundary: str) -> None:
        with pytest.raises(ValueError, match="boundary"):
            imagewire.Options(boundary=boundary)

    def test_a_derived_one_is_the_same_for_the_same_request(self) -> None:
        assert write(ask(PNG_IMAGE)) == write(ask(PNG_IMAGE))

    @pytest.mark.parametrize(
        "other",
        [
            case("image", ask(GIF_IMAGE)),
            case("images", ask(PNG_IMAGE, PNG_IMAGE)),
            case("setting", ask(PNG_IMAGE, count=2)),
            case("mask", ask(PNG_IMAGE, mask=PNG_IMAGE)),
        ],
    )
    def test_a_derived_one_changes_with_the_content(self, other: ImageRequest) -> None:
        one, two = write(ask(PNG_IMAGE)), write(other)

        assert one.headers["content-type"] != two.headers["content-type"]

    def test_a_derived_one_never_occurs_in_the_content(self) -> None:
        """Not even in a file that holds the boundary which it would have been given."""
        middle = 4096
        blank = base64.b64decode(PNG) + bytes(2 * middle)
        first = write(ask(Image(data=base64.b64encode(blank).decode(), media_type="image/png")))
        boundary = first.headers["content-type"].partition("boundary=")[2].encode()
        raw = blank[:middle] + boundary + blank[middle + len(boundary) :]
        second = write(ask(Image(data=base64.b64encode(raw).decode(), media_type="image/png")))
        changed = second.headers["content-type"].partition("boundary=")[2].encode()

        assert boundary != changed
        assert changed not in raw
        assert [raw] == [value for name, *_, value in parts_of(second) if name == "image"]


class TestSegments:
    def test_files_are_segments_of_their_own(self) -> None:
        wire = write(ask(PNG_IMAGE, GIF_IMAGE))
        segments = [bytes(segment) for segment in wire.body]

        assert base64.b64decode(PNG) in segments
        assert base64.b64decode(GIF) in segments
        assert bytes(wire.body) == b"".join(segments)
        assert len(bytes(wire.body)) == len(wire.body)
