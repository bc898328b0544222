"""Nothing steers: no media type and no name leaves its place in a body or a header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hub
import imagewire
from bodies import chat, contents, document, picture
from cases import UPSTREAM_MODELS, options_for
from hub import MODEL
from imagewire.formats.images.form import Part as FormPart
from imagewire.formats.images.form import read_form, write_form
from imagewire.loss import LossCode
from imagewire.model import (
    Image,
)
from steering import BY_STEERING, check_headers, is_tame, parsed

#: A file of a form whose field has no name in the hub.
PART: dict[str, Any] = {
    "name": "extra",
    "data": b"GIF89a",
    "filename": "f",
    "content_type": "image/gif",
}


def texts(value: Any, *keys: str) -> Iterator[str]:
    """The texts of a document that stand under one of the keys."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item, *keys)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in keys and isinstance(item, str):
                yield item
            yield from texts(item, *keys)


class TestMediaTypes:
    @BY_STEERING
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("data", [hub.PNG, "AAAA"], ids=["known", "unknown"])
    @pytest.mark.parametrize("source", ["chat", "gemini"])
    def test_a_declared_type_steers_nothing(
        self, source: str, data: str, target: str, text: str
    ) -> None:
        """Of a data URI and of ``mimeType``, whether the bytes tell another one or nothing."""
        declared = f"image/png{text}"
        images = {
            "chat": chat(picture(f"data:{declared};base64,{data}"), {"text": "a hat"}),
            "gemini": contents(
                {"inlineData": {"mimeType": declared, "data": data}}, {"text": "a hat"}
            ),
        }
        try:
            result = imagewire.translate_request(
                images[source],
                source=imagewire.Endpoint(source, model=MODEL),
                target=target,
                model=UPSTREAM_MODELS.get(target, MODEL),
                options=options_for(target),
            )
        except imagewire.MalformedError as error:  # a comma ends the head of a data URI
            assert ("chat", True) == (source, "," in text)
            assert "invalid base64" == error.message
            return

        check_headers(result.headers)
        if target == "images":
            parts = parsed(result.headers["content-type"], bytes(result.body))
            kinds = [part.get_content_type() for part in parts if part.get_filename()]
        else:
            kinds = list(texts(document(result), "mimeType"))
            kinds += [url.partition(",")[0] for url in texts(document(result), "url", "image_url")]
        assert 1 == len(kinds)
        assert all(map(is_tame, kinds))

    @BY_STEERING
    def test_the_declared_type_of_what_was_fetched_steers_nothing(self, text: str) -> None:
        url = "https://example.com/fox"
        result = imagewire.translate_request(
            chat(picture(url), {"text": "a hat"}),
            source="chat",
            target="gemini",
            fetched={url: (f"image/png{text}", b"GIF89a...")},
        )

        assert ["image/gif"] == list(texts(document(result), "mimeType"))

    @BY_STEERING
    @pytest.mark.parametrize("name", ["output_format", "mimeType"])
    def test_an_output_format_makes_no_media_type_of_its_own(self, name: str, text: str) -> None:
        """It became Vertex's ``mimeType``, whatever it held."""
        bodies = {
            "output_format": {**chat({"text": "a"}), "output_format": f"png{text}"},
            "mimeType": {
                **contents({"text": "a"}),
                "generationConfig": {
                    "imageConfig": {"imageOutputOptions": {"mimeType": f"image/png{text}"}}
                },
            },
        }
        result = imagewire.translate_request(
            bodies[name],
            source="chat" if name == "output_format" else "gemini",
            target="gemini",
            model=MODEL,
            options=imagewire.Options(vertex=True),
        )

        assert [] == list(texts(document(result), "mimeType"))
        assert [name] == [
            loss.path.rpartition(".")[2]
            for loss in result.losses
            if loss.code == LossCode.UNSUPPORTED_VALUE
        ]

    @BY_STEERING
    def test_a_hub_image_has_no_such_type(self, text: str) -> None:
        """So that no writer has to ask."""
        with pytest.raises(ValueError, match="media_type must be a media type"):
            Image(data="AAAA", media_type=f"image/png{text}")

    def test_a_media_type_is_of_a_registered_length(self) -> None:
        """127 characters each: RFC 6838, 4.2."""
        longest = "image/" + "x" * 127

        assert longest == Image(data="AAAA", media_type=longest).media_type
        with pytest.raises(ValueError, match="media_type"):
            Image(data="AAAA", media_type=longest + "x")

    @BY_STEERING
    def test_an_output_format_of_the_hub_makes_no_media_type_either(self, text: str) -> None:
        value = hub.settings(format=text, compression=50)
        written = imagewire.gemini.write_request(value, options=imagewire.Options(vertex=True))
        config = document(written.value)["generationConfig"]["imageConfig"]

        assert {"imageOutputOptions": {"compressionQuality": 50}} == config


class TestForms:
    @BY_STEERING
    @pytest.mark.parametrize("field", ["name", "filename", "content_type"])
    def test_what_describes_a_part_stays_in_its_headers(self, field: str, text: str) -> None:
        parts = [
            FormPart("prompt", b"a hat"),
            FormPart(**{**PART, field: f"a{text}"}),
            FormPart("n", b"1"),
        ]
        content_type, payload = write_form(parts, None)
        found = parsed(content_type, bytes(payload))

        assert len(parts) == len(found)
        assert [["Content-Disposition"], ["Content-Disposition", "Content-Type"]] == [
            part.keys() for part in found[:2]
        ]
        assert [2, 3] == [
            len(part.get_params(header="content-disposition") or ()) for part in found[:2]
        ]
        assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\\]", bytes(payload))
        assert len(parts) == len(read_form(bytes(payload), content_type))

    @BY_STEERING
    @pytest.mark.parametrize("place", ["name", "filename", "content_type"])
    def test_a_part_of_a_clients_form_steers_nothing_on_its_way_back(
        self, place: str, text: str
    ) -> None:
        """An unknown file of a form goes back into a form."""
        unknown = FormPart(**{**PART, place: f"a{text}"})
        form = [
            FormPart("model", b"gpt-image-2"),
            FormPart("prompt", b"a hat"),
            FormPart("image", b"GIF89a", "f", "image/gif"),
            unknown,
        ]
        content_type, payload = write_form(form, None)
        result = imagewire.translate_request(
            bytes(payload), source="images", target="images", content_type=content_type
        )
        check_headers(result.headers)

        assert len(form) == len(parsed(result.headers["content-type"], bytes(result.body)))

    @BY_STEERING
    def test_an_unknown_field_of_json_steers_no_form(self, text: str) -> None:
        body = {
            "model": "gpt-image-2",
            "prompt": f"a hat{text}",
            "image": f"data:image/png;base64,{hub.PNG}",
            f"a{text}": text,
            "b": {text: [text, 1]},
        }
        result = imagewire.translate_request(body, source="images", target="images")
        check_headers(result.headers)
        found = parsed(result.headers["content-type"], bytes(result.body))

        assert 6 == len(found)
        assert {1, 2} == {len(part.keys()) for part in found}

    @BY_STEERING
    def test_a_boundary_is_an_option_that_cannot_steer(self, text: str) -> None:
        with pytest.raises(ValueError, match="boundary must match"):
            imagewire.Options(boundary=f"a{text}")

    @given(
        names=st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=4),
        data=st.binary(max_size=20) | st.sampled_from([b"\r\n--", b"--", b"\r\n"]),
    )
    def test_any_form_has_the_parts_that_were_written(self, names: list[str], data: bytes) -> None:
        parts = [FormPart(name, data, name, name) for name in names]
        content_type, payload = write_form(parts, None)

        assert len(parts) == len(parsed(content_type, bytes(payload)))
        assert [data] * len(parts) == [
            bytes(p.data) for p in read_form(bytes(payload), content_type)
        ]
