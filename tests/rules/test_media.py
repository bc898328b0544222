from __future__ import annotations

import base64

import pytest

from first_bytes import HEIC, JPEG, PNG, SVG, UNKNOWN, b64
from imagewire.errors import MalformedError
from imagewire.loss import Loss, LossKind
from imagewire.model import Image
from imagewire.rules import media


def unexpected(loss: Loss) -> None:
    pytest.fail(str(loss))


def kinds(found: list[Loss]) -> list[LossKind]:
    return [loss.kind for loss in found]


class TestDeclarations:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("image/png", "image/png", id="plain"),
            pytest.param("IMAGE/PNG", "image/png", id="upper-case"),
            pytest.param("image/jpg", "image/jpeg", id="jpg"),
            pytest.param("image/png; charset=utf-8", "image/png", id="parameters"),
            pytest.param("image/svg+xml", "image/svg+xml", id="suffix"),
            pytest.param("png", None, id="no-slash"),
            pytest.param("image/png\r\nx: y", None, id="header-injection"),
            pytest.param("", None, id="empty"),
            pytest.param(None, None, id="absent"),
        ],
    )
    def test_declared_type_is_normalised_or_nothing(
        self, text: str | None, expected: str | None
    ) -> None:
        """Case, parameters and ``image/jpg`` are put right; no media type declares nothing."""

        assert expected == media.declared_type(text)

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            pytest.param("https://example.com/a/b.PNG", "image/png", id="upper-case"),
            pytest.param("https://example.com/b.jpg?size=1.gif#x", "image/jpeg", id="query"),
            pytest.param("https://example.com/b.jpeg#f.png", "image/jpeg", id="fragment"),
            pytest.param("gs://bucket/b.webp", "image/webp", id="gs"),
            pytest.param("https://example.com/b.txt", None, id="other-extension"),
            pytest.param("https://example.com/b", None, id="no-extension"),
            pytest.param("https://example.com/png", None, id="name-like-an-extension"),
            pytest.param("https://photos.gif", None, id="host-like-a-file"),
        ],
    )
    def test_extension_of_the_path_tells_a_urls_type(self, url: str, expected: str | None) -> None:
        """The media type is from the extension of the path without its query."""

        assert expected == media.url_type(url)


class TestBase64:
    def test_standard_base64_is_the_very_same_string(self) -> None:
        """Standard padded base64 passes untouched."""
        text = b64(PNG)

        assert media.standard_base64(text, ()) is text

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(base64.urlsafe_b64encode(PNG).decode(), id="url-safe"),
            pytest.param(b64(PNG).rstrip("="), id="unpadded"),
            pytest.param(base64.urlsafe_b64encode(PNG).decode().rstrip("="), id="both"),
            pytest.param(base64.encodebytes(PNG).decode(), id="trailing-newline"),
            pytest.param(" " + b64(PNG)[:6] + "\r\n\t" + b64(PNG)[6:], id="white-space"),
            pytest.param(b64(PNG)[:6] + "\u2003" + b64(PNG)[6:], id="white-space-of-unicode"),
        ],
    )
    def test_other_base64_is_normalised(self, text: str) -> None:
        """Url-safe, unpadded or wrapped base64 becomes the padded standard alphabet."""

        assert b64(PNG) == media.standard_base64(text, ())

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("iVBO*w0K", id="foreign-character"),
            pytest.param("iVBOR", id="impossible-length"),
            pytest.param("iV=BORw0", id="padding-inside"),
            pytest.param("A" * (2**19 - 2) + "==AAAA", id="padding-where-a-block-ends"),
            pytest.param("iVBORw0K" * 2**17 + "!AAA", id="foreign-character-far-behind"),
            pytest.param("caf\u00e9", id="not-ascii"),
            pytest.param("", id="empty"),
            pytest.param(" \n", id="only-white-space"),
        ],
    )
    def test_invalid_base64_is_an_error_with_its_path(self, text: str) -> None:
        """Invalid base64 is never passed on."""
        with pytest.raises(MalformedError) as caught:
            media.standard_base64(text, ("data", 0, "b64_json"))

        assert "$.data[0].b64_json" == caught.value.path


class TestDataURIs:
    @pytest.mark.parametrize(
        ("uri", "expected"),
        [
            pytest.param("data:image/png;base64,AAAA", ("image/png", "AAAA"), id="plain"),
            pytest.param("DATA:IMAGE/PNG;BASE64,AAAA", ("image/png", "AAAA"), id="upper-case"),
            pytest.param(
                "data:image/png;charset=utf-8;base64,AAAA", ("image/png", "AAAA"), id="parameter"
            ),
            pytest.param("data:image/jpg;base64,AAAA", ("image/jpeg", "AAAA"), id="jpg"),
            pytest.param("data:;base64,AAAA", (None, "AAAA"), id="no-type"),
            pytest.param(
                "data:image/png;base64,%2BA%2FA%3D", ("image/png", "+A/A="), id="percent-encoded"
            ),
            pytest.param(
                "data:image/svg+xml;utf8,%3Csvg/>", ("image/svg+xml", b64(b"<svg/>")), id="text"
            ),
            pytest.param("data:,", (None, ""), id="nothing"),
            pytest.param(
                f"data:image/png,{b64(PNG)}", ("image/png", b64(PNG)), id="base64-not-said"
            ),
            pytest.param(
                f"data:image/png,{b64(PNG).replace('+', '%2B')}",
                ("image/png", b64(PNG)),
                id="base64-not-said-and-percent-encoded",
            ),
        ],
    )
    def test_type_and_payload_are_taken_apart(
        self, uri: str, expected: tuple[str | None, str]
    ) -> None:
        """Scheme, ``base64`` and type in any case; parameters dropped; percent signs decoded."""

        assert expected == media.split_data_uri(uri, ())

    def test_without_a_comma_it_is_an_error(self) -> None:
        """RFC 2397 wants a comma before the data."""
        with pytest.raises(MalformedError) as caught:
            media.split_data_uri("data:image/png;base64", ("url",))

        assert "url" == caught.value.param

    @pytest.mark.parametrize(
        ("image", "expected"),
        [
            (Image(data="AAAA", media_type="image/png"), "data:image/png;base64,AAAA"),
            (Image(data="AAAA"), "data:application/octet-stream;base64,AAAA"),
            (Image(url="https://example.com/a.png"), "https://example.com/a.png"),
        ],
        ids=["typed", "untyped", "url"],
    )
    def test_reference_is_the_url_or_the_data_uri(self, image: Image, expected: str) -> None:
        """An image stands where a URL belongs as its URL, else as its data URI."""

        assert expected == media.reference(image)


class TestReadImage:
    @pytest.mark.parametrize(
        ("raw", "declared", "expected", "losses"),
        [
            pytest.param(PNG, "image/png", "image/png", [], id="right"),
            pytest.param(PNG, None, "image/png", [], id="sniffed"),
            pytest.param(PNG, "application/octet-stream", "image/png", [], id="octet-stream"),
            pytest.param(JPEG, "image/jpg", "image/jpeg", [], id="jpg"),
            pytest.param(JPEG, "image/png", "image/jpeg", [LossKind.CORRECTED], id="wrong"),
            pytest.param(PNG, "text/plain", "image/png", [LossKind.CORRECTED], id="wrong-text"),
            pytest.param(HEIC, "image/heif", "image/heif", [], id="heic-is-heif"),
            pytest.param(UNKNOWN, "image/bmp", "image/bmp", [], id="unknown-but-declared"),
            pytest.param(
                UNKNOWN, None, "application/octet-stream", [LossKind.DEFAULTED], id="unknown"
            ),
        ],
    )
    def test_bytes_win_over_declarations(
        self, raw: bytes, declared: str | None, expected: str, losses: list[LossKind]
    ) -> None:
        """A wrong declaration is CORRECTED; unknown bytes of no type are DEFAULTED."""
        found: list[Loss] = []
        image = media.read_image(b64(raw), declared, ("x",), found.append)

        assert (Image(data=b64(raw), media_type=expected), losses) == (image, kinds(found))

    @pytest.mark.parametrize("declared", ["image/png", None, "application/octet-stream"])
    def test_base64_of_base64_is_refused(self, declared: str | None) -> None:
        """It would be a broken picture, called a PNG: topcheer/ggcode issue 780."""
        with pytest.raises(MalformedError, match="encoded twice") as caught:
            media.read_image(b64(b64(PNG * 40).encode()), declared, ("x",), unexpected)

        assert "x" == caught.value.param

    def test_a_declaration_elsewhere_is_what_was_wrong(self) -> None:
        """The loss points at it, not at the bytes."""
        found: list[Loss] = []
        media.read_inline(b64(JPEG), "image/png", ("data",), found.append, ("mime_type",))

        assert ["$.mime_type"] == [loss.path for loss in found]

    def test_unknown_bytes_of_another_kind_are_no_image(self) -> None:
        """Non-image ``inlineData`` is a foreign part, not an image."""

        assert media.read_image(b64(UNKNOWN), "audio/wav", (), unexpected) is None

    @pytest.mark.parametrize(
        ("text", "declared", "losses"),
        [
            pytest.param(b64(PNG), "image/png", [], id="bare"),
            pytest.param(
                f"data:image/png;base64,{b64(PNG)}", None, [LossKind.CORRECTED], id="data-uri"
            ),
            pytest.param(
                f"data:;base64,{b64(PNG)}", "image/png", [LossKind.CORRECTED], id="untyped-uri"
            ),
        ],
    )
    def test_a_data_uri_in_place_of_base64_is_read(
        self, text: str, declared: str | None, losses: list[LossKind]
    ) -> None:
        """A data URI in ``b64_json`` or ``inlineData.data`` is the image, CORRECTED."""
        found: list[Loss] = []
        image = media.read_inline(text, declared, (), found.append)

        assert (Image(data=b64(PNG), media_type="image/png"), losses) == (image, kinds(found))

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(
                "https://example.com/a.png",
                Image(url="https://example.com/a.png", detail="low"),
                id="url",
            ),
            pytest.param(
                " https://example.com/a.png\n",
                Image(url="https://example.com/a.png", detail="low"),
                id="url-in-white-space",
            ),
            pytest.param(
                f" data:image/png;base64,{b64(PNG)}\n",
                Image(data=b64(PNG), media_type="image/png", detail="low"),
                id="data-uri-in-white-space",
            ),
            pytest.param(
                f"data:image/png;base64, {b64(PNG)}",
                Image(data=b64(PNG), media_type="image/png", detail="low"),
                id="data-uri-with-a-stray-space",
            ),
            pytest.param(
                b64(PNG),
                Image(data=b64(PNG), media_type="image/png", detail="low"),
                id="bare-base64-of-a-known-image",
            ),
            pytest.param(f"data:text/plain;base64,{b64(UNKNOWN)}", None, id="no-image"),
        ],
    )
    def test_a_reference_is_a_url_a_data_uri_or_base64(
        self, text: str, expected: Image | None
    ) -> None:
        """All three are accepted where a URL belongs, in silence."""

        assert expected == media.read_reference(text, (), unexpected, "low")

    def test_bare_base64_of_unknown_bytes_is_refused(self) -> None:
        """Bare base64 is read only if the bytes are a known image."""
        with pytest.raises(MalformedError) as caught:
            media.read_reference(b64(UNKNOWN), ("image_url",), unexpected)

        assert "image_url" == caught.value.param


class TestDescribe:
    @pytest.mark.parametrize(
        ("image", "expected"),
        [
            (Image(data="A" * 1_866_668, media_type="image/png"), "<image/png, 1.4 MB>"),
            (Image(url="https://example.com/secret"), "<remote image>"),
            (Image(file_id="file-1"), "<uploaded file>"),
        ],
        ids=["data", "url", "file"],
    )
    def test_payloads_show_as_type_and_size(self, image: Image, expected: str) -> None:
        """Texts we compose never contain a payload."""

        assert expected == repr(image)


class TestReadFetched:
    @pytest.mark.parametrize(
        ("fetched", "expected", "losses"),
        [
            pytest.param(PNG, "image/png", [], id="bytes"),
            pytest.param(("image/jpg", JPEG), "image/jpeg", [], id="declared"),
            pytest.param(("image/png", JPEG), "image/jpeg", [LossKind.CORRECTED], id="bytes-win"),
            pytest.param(("image/heif", HEIC), "image/heif", [], id="heic-is-heif"),
            pytest.param(SVG, "image/svg+xml", [], id="svg"),
            pytest.param(
                b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
                b"<!-- Created with Inkscape (http://www.inkscape.org/) -->\n\n" + SVG,
                "image/svg+xml",
                [],
                id="svg-after-a-comment",
            ),
        ],
    )
    def test_bytes_tell_the_type(
        self, fetched: bytes | tuple[str, bytes], expected: str, losses: list[LossKind]
    ) -> None:
        """What a caller fetched is an image of the type that its bytes tell."""
        found: list[Loss] = []
        image = media.read_fetched(fetched, (), found.append)

        assert (expected, losses) == (image.media_type, kinds(found))

    def test_bytes_are_kept(self) -> None:
        """They are encoded once, in the standard alphabet."""

        assert b64(PNG) == media.read_fetched(PNG, (), unexpected).data

    def test_what_is_no_known_image_is_refused(self) -> None:
        """Fetched bytes that are no known image raise, whatever was declared."""
        with pytest.raises(MalformedError) as caught:
            media.read_fetched(("image/png", b"<html>"), ("messages", 0, "content", 1), unexpected)

        assert "messages[0].content[1]" == caught.value.param
