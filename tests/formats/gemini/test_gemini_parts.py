"""Gemini parts: what each says, and what it becomes here and in chat."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

import imagewire
from bodies import chat, contents, parts_of, picture, translated
from hub import AUDIO, GIF, MODEL, PICTURE, PNG, SIGNATURE
from imagewire import gemini
from imagewire.loss import CONTENT, LossKind
from imagewire.model import Image, Part

K = LossKind
RAW = b"\x89PNG\r\n\x1a\n" + bytes(range(250, 256)) * 12
STANDARD = base64.b64encode(RAW).decode()
INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG}}
CALL = {"functionCall": {"name": "f", "args": {"a_b": 1}}}
HTTPS = "https://example.com/a.png"
FILES_API = "https://generativelanguage.googleapis.com/v1beta/files/abc"
DATA = "$.contents[0].parts[0].inline_data.data"
A_URI = (K.CORRECTED, DATA)
WRONG_TYPE = (K.CORRECTED, "$.contents[0].parts[0].inline_data.mime_type")


def read(*parts: dict[str, Any]) -> tuple[tuple[Part, ...], list[tuple[LossKind, str]]]:
    outcome = gemini.read_request(contents(*parts), model=MODEL)
    return outcome.value.turns[0].parts, [(loss.kind, loss.path) for loss in outcome.losses]


class TestText:
    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            pytest.param({"text": "a"}, [Part(text="a")], id="text"),
            pytest.param({"text": " \n"}, [Part(text=" \n")], id="white-space"),
            pytest.param({"text": "hm", "thought": False}, [Part(text="hm")], id="no-thought"),
            pytest.param(
                {"thoughtSignature": SIGNATURE},
                [Part(text="", signature=SIGNATURE)],
                id="nothing-but-a-signature",
            ),
            pytest.param(
                {"text": "a", "thought_signature": "-_8="},
                [Part(text="a", signature="-_8=")],
                id="a-signature-is-opaque",
            ),
            pytest.param({"text": ""}, [], id="empty"),
            pytest.param({"text": None}, [], id="null"),
            pytest.param({}, [], id="nothing"),
        ],
    )
    def test_a_text_part_is_read(self, part: dict[str, Any], expected: list[Part]) -> None:
        assert (tuple(expected), []) == read(part)


class TestOneof:
    @pytest.mark.parametrize(
        "other",
        [INLINE, {"file_data": {"fileUri": HTTPS}}, CALL, {"function_call": {"name": "f"}}],
        ids=["inline", "file", "call", "snake-call"],
    )
    def test_a_part_holds_one_thing(self, other: dict[str, Any]) -> None:
        """A oneof: two members are an error, as Google's own parser says."""
        with pytest.raises(imagewire.MalformedError) as caught:
            read({"text": "a"}, {"text": "b", **other})

        assert ("$.contents[0].parts[1]", 400) == (caught.value.path, caught.value.status)

    def test_a_null_member_is_absent(self) -> None:
        assert ((PICTURE,), []) == read({**INLINE, "text": None})


class TestInlineData:
    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(STANDARD, id="standard"),
            pytest.param(STANDARD.rstrip("="), id="unpadded"),
            pytest.param(base64.urlsafe_b64encode(RAW).decode(), id="url-safe"),
            pytest.param(base64.urlsafe_b64encode(RAW).decode().rstrip("="), id="url-safe-bare"),
            pytest.param(base64.encodebytes(RAW).decode(), id="wrapped"),
            pytest.param(f" {STANDARD}", id="a-space-before"),
        ],
    )
    def test_every_base64_becomes_the_standard_one_in_silence(self, data: str) -> None:
        image = Image(data=STANDARD, media_type="image/png")

        assert ((Part(image=image),), []) == read(
            {"inlineData": {"mimeType": "image/png", "data": data}}
        )

    @pytest.mark.parametrize(
        ("declared", "data", "kind", "losses"),
        [
            pytest.param("image/png", PNG, "image/png", [], id="right"),
            pytest.param("IMAGE/PNG", PNG, "image/png", [], id="capitals"),
            pytest.param(None, PNG, "image/png", [], id="none"),
            pytest.param("", PNG, "image/png", [], id="empty"),
            pytest.param("application/octet-stream", PNG, "image/png", [], id="octet-stream"),
            pytest.param("image/jpg", "/9j/4AAQ", "image/jpeg", [], id="jpg"),
            pytest.param("image/png", GIF, "image/gif", [WRONG_TYPE], id="wrong"),
            pytest.param("audio/mpeg", PNG, "image/png", [WRONG_TYPE], id="very-wrong"),
            pytest.param("image/bmp", "Qk0AAA==", "image/bmp", [], id="unknown-bytes"),
            pytest.param(
                None,
                "Qk0AAA==",
                "application/octet-stream",
                [(K.DEFAULTED, DATA)],
                id="nobody-knows",
            ),
            pytest.param(
                "image/png", f"data:image/png;base64,{PNG}", "image/png", [A_URI], id="uri"
            ),
            pytest.param(
                "image/png",
                f"DATA:;charset=x;BASE64,{GIF}",
                "image/gif",
                [A_URI, WRONG_TYPE],
                id="uri-and-wrong",
            ),
            pytest.param(
                "image/gif",
                f"data:image/png;base64,{GIF}",
                "image/gif",
                [A_URI, (K.CORRECTED, DATA)],
                id="wrong-in-the-uri",
            ),
        ],
    )
    def test_the_bytes_tell_the_media_type(
        self, declared: str | None, data: str, kind: str, losses: list[tuple[LossKind, str]]
    ) -> None:
        """Bytes win over a wrong declaration, which the loss points at; a data URI is read."""
        parts, found = read({"inline_data": {"mime_type": declared, "data": data}})
        image = Image(data=data.rpartition(",")[2], media_type=kind)

        assert (Part(image=image),) == parts
        assert losses == found

    @pytest.mark.parametrize("data", ["a", "****", "", "iVBORw0KGgo=iVBOR", "data:image/png"])
    def test_bad_base64_is_an_error_with_its_path(self, data: str) -> None:
        """Never passed on."""
        with pytest.raises(imagewire.MalformedError) as caught:
            read({"text": "a"}, {"inline_data": {"mimeType": "image/png", "data": data}})

        assert "$.contents[0].parts[1].inline_data.data" == caught.value.path


FOREIGN = {
    "functionCall": CALL,
    "function_call": {"function_call": {"name": "f"}, "thoughtSignature": "c2ln"},
    "functionResponse": {"functionResponse": {"name": "f", "response": {"a_b": None}}},
    "executableCode": {"executableCode": {"code": "1"}},
    "audio": {"inlineData": {"mimeType": "audio/mpeg", "data": "AAAA"}},
    "pdf": {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/a.pdf"}},
    "no-address": {"fileData": {"mimeType": "image/png"}},
    "a-member-nobody-knows": {"newData": {"a": 1}},
}


class TestForeignParts:
    @pytest.mark.parametrize("part", FOREIGN.values(), ids=FOREIGN)
    def test_gemini_gets_it_back_verbatim(self, part: dict[str, Any]) -> None:
        result = translated(contents({"text": "a"}, part), "gemini")

        assert ([{"text": "a"}, part], ()) == (parts_of(result), result.losses)

    @pytest.mark.parametrize("part", FOREIGN.values(), ids=FOREIGN)
    def test_chat_refuses_it_in_the_prompt(self, part: dict[str, Any]) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            translated(contents({"text": "a"}, part), "chat")

        assert "contents[0].parts[1]" == caught.value.param

    @pytest.mark.parametrize("part", FOREIGN.values(), ids=FOREIGN)
    def test_chat_drops_it_elsewhere(self, part: dict[str, Any]) -> None:
        model = {"role": "model", "parts": [{"text": "b"}, part]}
        user = {"parts": [{"text": "c"}]}
        result = translated({"contents": [user, model, user]}, "chat")

        assert [(K.DROPPED, CONTENT, "$.contents[1].parts[1]")] == [
            (loss.kind, loss.level, loss.path) for loss in result.losses
        ]

    def test_chat_s_own_are_refused_or_dropped_towards_gemini(self) -> None:
        """In the prompt, and in a turn before it."""
        asked = chat({"type": "text", "text": "a"}, AUDIO)
        before = {**asked, "messages": [*asked["messages"], {"role": "user", "content": "b"}]}
        with pytest.raises(imagewire.UnsupportedError) as caught:
            translated(asked, "gemini", source="chat")
        result = translated(before, "gemini", source="chat", history="all")

        assert "$.messages[0].content[1]" == caught.value.path
        assert ["$.messages[0].content[1]"] == [loss.path for loss in result.losses]


class TestFileData:
    @pytest.mark.parametrize(
        ("file", "url", "kind"),
        [
            pytest.param({"fileUri": "gs://b/a.png"}, "gs://b/a.png", None, id="gs"),
            pytest.param({"file_uri": FILES_API}, FILES_API, None, id="files-api"),
            pytest.param(
                {"fileUri": FILES_API, "mime_type": "image/webp"},
                FILES_API,
                "image/webp",
                id="told",
            ),
            pytest.param(
                {"fileUri": "gs://b/a.png", "mimeType": "image/png"},
                "gs://b/a.png",
                None,
                id="same",
            ),
        ],
    )
    def test_a_stored_file_is_a_remote_image(
        self, file: dict[str, Any], url: str, kind: str | None
    ) -> None:
        """Its media type is kept where the address does not tell it."""

        assert ((Part(image=Image(url=url, media_type=kind)),), []) == read({"fileData": file})

    @pytest.mark.parametrize("url", ["gs://b/a.png", FILES_API, HTTPS, "http://example.com/a.png"])
    def test_gemini_gets_it_back(self, url: str) -> None:
        part = {"fileData": {"mimeType": "image/png", "fileUri": url}}
        result = translated(contents(part), "gemini")

        assert ([part], ()) == (parts_of(result), result.losses)

    @pytest.mark.parametrize("url", ["gs://b/a.png", FILES_API])
    def test_stored_files_go_from_chat_as_they_are(self, url: str) -> None:
        result = translated(chat(picture(url)), "gemini", source="chat")

        assert url == parts_of(result)[0]["fileData"]["fileUri"]
        assert () == result.losses

    def test_a_remote_image_becomes_an_image_url(self) -> None:
        result = translated(contents({"fileData": {"fileUri": HTTPS}}, {"text": "a"}), "chat")
        message = msgspec.json.decode(bytes(result.body))["messages"][0]

        assert [picture(HTTPS), {"type": "text", "text": "a"}] == message["content"]
        assert () == result.losses

    def test_other_remote_images_have_to_be_fetched(self) -> None:
        """``path`` and ``urls`` say which, each URL once."""
        body = chat(
            {"type": "text", "text": "a"},
            *map(picture, [HTTPS, "http://a.b/c", "ftp://x/y", HTTPS]),
        )
        with pytest.raises(imagewire.InexpressibleError) as caught:
            translated(body, "gemini", source="chat")

        assert (HTTPS, "http://a.b/c") == caught.value.urls
        assert caught.value.path.startswith("$.messages[0].content[1]")

    @pytest.mark.parametrize(
        ("url", "kind"),
        [
            (HTTPS, "image/png"),
            ("https://example.com/a.JPG?w=1&f=b.png#c", "image/jpeg"),
            ("https://example.com/a?f=b.png", None),
            ("https://example.com", None),
            ("HTTPS://example.com/a.webp", "image/webp"),
        ],
    )
    def test_any_https_url_goes_if_the_caller_says_so(self, url: str, kind: str | None) -> None:
        """The media type is that of the extension; left out if unknown."""
        result = translated(chat(picture(url)), "gemini", source="chat", remote_urls="file_uri")
        file = {"fileUri": url} if kind is None else {"mimeType": kind, "fileUri": url}

        assert ([{"fileData": file}], ()) == (parts_of(result), result.losses)

    def test_plain_http_does_not_go(self) -> None:
        with pytest.raises(imagewire.InexpressibleError):
            translated(
                chat(picture("http://a.b/c.png")), "gemini", source="chat", remote_urls="file_uri"
            )
