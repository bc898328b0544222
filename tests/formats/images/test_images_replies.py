"""An Images reply with pictures: read, written, and made of other formats' replies."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from cases import case
from hub import GIF, PICTURE, PNG, PNG_URI, SIGNATURE
from images_bodies import CREATED, GIF_PART, GOOGLE, URL, Json, response
from images_bodies import (
    read_reply as read,
)
from images_bodies import (
    write_reply as write,
)
from imagewire import images
from imagewire.model import (
    Candidate,
    Extra,
    Foreign,
    Image,
    ImageResponse,
    ImageSettings,
    Part,
    Size,
)


class TestPictures:
    """One table, both ways."""

    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case("png", {"data": [{"b64_json": PNG}], "output_format": "png"}, response(PICTURE)),
            case("gif", {"data": [{"b64_json": GIF}], "output_format": "gif"}, response(GIF_PART)),
            case("url", {"data": [{"url": URL}]}, response(Part(image=Image(url=URL)))),
            case(
                "several",
                {"data": [{"b64_json": PNG}] * 3, "output_format": "png"},
                response(PICTURE, PICTURE, PICTURE),
            ),
            case(
                "mixed-formats",
                {"data": [{"b64_json": PNG}, {"b64_json": GIF}]},
                response(PICTURE, GIF_PART),
            ),
            case(
                "signatures",
                {
                    "data": [{"b64_json": PNG}, {"b64_json": PNG, "extra_content": GOOGLE}],
                    "output_format": "png",
                },
                response(PICTURE, Part(image=PICTURE.image, signature=SIGNATURE)),
            ),
            case(
                "what-it-says-of-them",
                {
                    "data": [{"url": URL}],
                    "size": "1000x999",
                    "quality": "high",
                    "background": "opaque",
                    "output_format": "webp",
                },
                response(
                    Part(image=Image(url=URL)),
                    image=ImageSettings(
                        size=Size(width=1000, height=999),
                        quality="high",
                        background="opaque",
                        format="webp",
                    ),
                ),
            ),
        ],
    )
    def test_a_reply_is_read_and_written(self, wire: Json, hub: ImageResponse) -> None:
        assert (hub, []) == read(*wire["data"], **without(wire))
        assert ({"created": CREATED, **wire}, []) == write(hub)


def without(wire: Json) -> Json:
    return {key: value for key, value in wire.items() if key != "data"}


class TestReading:
    @pytest.mark.parametrize(
        ("datum", "format_", "image", "losses"),
        [
            case("no-format", {"b64_json": PNG}, None, PICTURE.image, []),
            case("auto-format", {"b64_json": PNG}, "auto", PICTURE.image, []),
            case(
                "wrong-format",
                {"b64_json": PNG},
                "webp",
                PICTURE.image,
                [("CORRECTED", "$.data[0].b64_json")],
            ),
            case(
                "uri-in-b64",
                {"b64_json": PNG_URI},
                None,
                PICTURE.image,
                [("CORRECTED", "$.data[0].b64_json")],
            ),
            case(
                "uri-in-url",
                {"url": PNG_URI},
                None,
                PICTURE.image,
                [("CORRECTED", "$.data[0].url")],
            ),
            case("url", {"url": URL}, None, Image(url=URL), []),
            case("both", {"b64_json": PNG, "url": ""}, None, PICTURE.image, []),
            case("null-b64", {"b64_json": None, "url": URL}, None, Image(url=URL), []),
            case("unpadded", {"b64_json": PNG.rstrip("=")}, None, PICTURE.image, []),
            case(
                "url-safe",
                {"b64_json": "iVBORw0KGgr7_7_v_j4__w"},
                "png",
                Image(data="iVBORw0KGgr7/7/v/j4//w==", media_type="image/png"),
                [],
            ),
            case("wrapped", {"b64_json": f"{PNG[:64]}\n{PNG[64:]}"}, None, PICTURE.image, []),
            case(
                "unknown-bytes",
                {"b64_json": "aGVsbG8="},
                "webp",
                Image(data="aGVsbG8=", media_type="image/webp"),
                [],
            ),
            case(
                "unknown-bytes-of-no-type",
                {"b64_json": "aGVsbG8="},
                None,
                Image(data="aGVsbG8=", media_type="application/octet-stream"),
                [("DEFAULTED", "$.data[0].b64_json")],
            ),
        ],
    )
    def test_a_picture_is_read_liberally(
        self, datum: Json, format_: str | None, image: Image, losses: list[tuple[str, str]]
    ) -> None:
        value, found = read(datum, output_format=format_)

        assert (((Part(image=image),)), losses) == (value.candidates[0].parts, found)

    @pytest.mark.parametrize(
        ("created", "expected"),
        [
            (CREATED, CREATED),
            (CREATED + 0.7, CREATED),
            (str(CREATED), CREATED),
            (0, None),
            (None, None),
        ],
    )
    def test_created_is_read_in_odd_types(self, created: Any, expected: int | None) -> None:
        body = {"created": created, "data": [{"b64_json": PNG}]}

        assert expected == images.read_response(body).value.created

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            case("no-data", {"created": 1}, "$.data"),
            case("null-data", {"created": 1, "data": None}, "$.data"),
            case("empty-data", {"created": 1, "data": []}, "$.data"),
            case("empty-datum", {"data": [{}]}, "$.data[0]"),
            case("empty-strings", {"data": [{"b64_json": "", "url": ""}]}, "$.data[0]"),
            case("bad-base64", {"data": [{"b64_json": "!!"}]}, "$.data[0].b64_json"),
            case("no-list", {"data": "png"}, "$.data"),
            case("an-error", {"error": {"message": "no"}}, "$.error"),
            case("text-in-url", {"data": [{"url": "data:text/plain,hi"}]}, "$.data[0]"),
        ],
    )
    def test_what_has_no_picture_is_the_upstreams_fault(self, body: Json, path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_response(body)

        assert (path, 502) == (caught.value.path, caught.value.status)

    @pytest.mark.parametrize("target", ["chat", "gemini", "images"])
    def test_empty_data_is_malformed_towards_each(self, target: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_response(b'{"data": []}', source="images", target=target)

        assert 502 == caught.value.status

    def test_null_error_is_absent(self) -> None:
        assert (response(PICTURE), []) == read({"b64_json": PNG}, error=None)

    def test_a_format_speaks_of_the_pictures_that_are_elsewhere(self) -> None:
        """Those that are here speak for themselves."""
        body = {
            "created": CREATED,
            "data": [{"b64_json": PNG}, {"url": URL}],
            "output_format": "png",
        }
        result = imagewire.translate_response(body, source="images", target="images")

        assert (body, ()) == (json.loads(bytes(result.body)), result.losses)


class TestWriting:
    @pytest.mark.parametrize(
        ("value", "entries", "losses"),
        [
            case(
                "candidates-merged",
                response(candidates=(Candidate(parts=(PICTURE,)), Candidate(parts=(GIF_PART,)))),
                2,
                [("APPROXIMATED", "$.candidates")],
            ),
            case(
                "draft-left-out",
                response(Part(image=GIF_PART.image, thought=True), PICTURE),
                1,
                [("DROPPED", "$.candidates[0].parts[0]")],
            ),
            case(
                "only-drafts",
                response(Part(image=GIF_PART.image, thought=True)),
                1,
                [("APPROXIMATED", "$.candidates[0].parts[0]")],
            ),
            case(
                "another-end",
                response(candidates=(Candidate(parts=(PICTURE,), finish="MAX_TOKENS"),)),
                1,
                [("DROPPED", "$.candidates[0]")],
            ),
            case(
                "words-of-the-end",
                response(candidates=(Candidate(parts=(PICTURE,), finish_message="ok"),)),
                1,
                [("DROPPED", "$.candidates[0]")],
            ),
            case(
                "foreign",
                response(PICTURE, Part(foreign=Foreign(format="chat", kind="file", value={}))),
                1,
                [("DROPPED", "$.candidates[0].parts[1]")],
            ),
            case(
                "detail",
                response(Part(image=Image(data=PNG, media_type="image/png", detail="low"))),
                1,
                [("DROPPED", "$.candidates[0].parts[0]")],
            ),
            case(
                "type-of-a-url",
                response(Part(image=Image(url=URL, media_type="image/gif"))),
                1,
                [("DROPPED", "$.candidates[0].parts[0]")],
            ),
            case(
                "uploaded",
                response(PICTURE, Part(image=Image(file_id="f"))),
                2,
                [("DROPPED", "$.candidates[0].parts[1]")],
            ),
            case("id", response(PICTURE, id="r"), 1, [("DROPPED", "$.id")]),
            case("model", response(PICTURE, model="m"), 1, [("DROPPED", "$.model")]),
            case(
                "ratio",
                response(PICTURE, image=ImageSettings(aspect_ratio="1:1")),
                1,
                [("DROPPED", "$.image.aspect_ratio")],
            ),
            case(
                "extras",
                response(PICTURE, extras=(Extra(format="chat", path=("x",), value=1),)),
                1,
                [("DROPPED", "$.extras.x")],
            ),
        ],
    )
    def test_what_it_cannot_say_is_reported(
        self, value: ImageResponse, entries: int, losses: list[tuple[str, str]]
    ) -> None:
        body, found = write(value)

        assert (entries, losses) == (len(body["data"]), found)

    @pytest.mark.parametrize(
        ("source", "caller", "expected"),
        [(7, None, 7), (7, 9, 7), (None, 9, 9), (0, 9, 9)],
    )
    def test_created_is_the_sources_or_the_callers(
        self, source: int | None, caller: int | None, expected: int
    ) -> None:
        body, losses = write(response(PICTURE, created=source), caller)

        assert (expected, []) == (body["created"], losses)

    def test_created_is_0_where_nobody_knows(self) -> None:
        body, losses = write(response(PICTURE, created=None))

        assert (0, [("DEFAULTED", "$.created")]) == (body["created"], losses)

    def test_a_format_that_has_no_name_here_is_not_written(self) -> None:
        body, _ = write(response(Part(image=Image(data=PNG, media_type="image/heic"))))

        assert "output_format" not in body

    def test_the_bytes_tell_the_format_where_nothing_else_does(self) -> None:
        body, _ = write(response(Part(image=Image(data=PNG))))

        assert "png" == body["output_format"]

    def test_extras_go_back_to_where_they_stood(self) -> None:
        body = {
            "created": 1,
            "data": [{"b64_json": PNG, "note": 1}],
            "output_format": "png",
            "svg_usage": {"a": 1},
            "usage": {
                "input_tokens": 1,
                "output_tokens": 2,
                "total_tokens": 3,
                "input_tokens_details": {"text_tokens": 1, "image_tokens": 0},
                "seats": 4,
            },
        }
        result = imagewire.translate_response(body, source="images", target="images")

        assert body == json.loads(bytes(result.body))
        assert () == result.losses
