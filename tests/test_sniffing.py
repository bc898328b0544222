"""The media types that first bytes tell, and whether data hold a picture."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from first_bytes import HEIC, JPEG, PNG, SVG, UNKNOWN, b64
from imagewire import sniffing


class TestSniff:
    @pytest.mark.parametrize(
        ("head", "expected"),
        [
            pytest.param(PNG, "image/png", id="png"),
            pytest.param(JPEG, "image/jpeg", id="jpeg"),
            pytest.param(b"GIF89a", "image/gif", id="gif"),
            pytest.param(b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", id="webp"),
            pytest.param(b"RIFF\x24\x00\x00\x00WAVEfmt ", None, id="riff-of-sound"),
            pytest.param(HEIC, "image/heic", id="heic"),
            pytest.param(b"\x00\x00\x00\x18ftypmif1", "image/heif", id="heif"),
            pytest.param(b"\x00\x00\x00\x18ftypavif", "image/avif", id="avif"),
            pytest.param(b"\x00\x00\x00\x18ftypisom", None, id="mp4"),
            pytest.param(SVG, "image/svg+xml", id="svg"),
            pytest.param(b"\xef\xbb\xbf\n <svg>", "image/svg+xml", id="svg-after-bom"),
            pytest.param(b'<?xml version="1.0"?><svg>', "image/svg+xml", id="svg-with-prolog"),
            pytest.param(b'<?xml version="1.0"?><html>', None, id="other-xml"),
            pytest.param(UNKNOWN, None, id="unknown"),
            pytest.param(b"", None, id="empty"),
        ],
    )
    def test_first_bytes_tell_the_media_type(self, head: bytes, expected: str | None) -> None:
        """The media type comes from the bytes."""

        assert expected == sniffing.sniff(head)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(b64(PNG), "image/png", id="standard"),
            pytest.param(base64.urlsafe_b64encode(PNG).decode(), "image/png", id="url-safe"),
            pytest.param(b64(PNG).rstrip("="), "image/png", id="unpadded"),
            pytest.param("\n " + b64(PNG)[:5] + "\r\n" + b64(PNG)[5:], "image/png", id="wrapped"),
            pytest.param(b64(JPEG * 40), "image/jpeg", id="long"),
            pytest.param(b64(UNKNOWN), None, id="unknown"),
            pytest.param("iVBOR", None, id="impossible-length"),
            pytest.param("caf\u00e9", None, id="no-base64"),
        ],
    )
    def test_base64_of_any_kind_tells_it_too(self, text: str, expected: str | None) -> None:
        """Url-safe, unpadded and wrapped base64 is looked through."""

        assert expected == sniffing.sniff_base64(text)


class TestHoldsPicture:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(b64(PNG), True, id="base64"),
            pytest.param({"a": [1, {"b": [b64(JPEG)]}]}, True, id="deep"),
            pytest.param("data:image/tiff;base64,SUkqAA==", True, id="data-uri"),
            pytest.param("DATA:IMAGE/PNG;BASE64,", True, id="data-uri-in-capitals"),
            pytest.param("data:audio/wav;base64,UklGRg==", False, id="sound"),
            pytest.param("data:image/png", False, id="no-data"),
            pytest.param("a fox", False, id="text"),
            pytest.param({"a": [1, None, 2.5, True]}, False, id="no-text"),
        ],
    )
    def test_a_picture_is_found_at_any_depth(self, value: Any, expected: bool) -> None:  # noqa: FBT001
        assert expected is sniffing.holds_picture(value)
