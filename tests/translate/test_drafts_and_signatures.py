"""Drafts and thought signatures of a Gemini reply on every face, and on the way back.

What is shown of a part: ``T`` a text, ``I`` and ``G`` two images, ``~`` if it is a draft or a
thought, and its signature. A loss is shown with the index of its part.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

import imagewire
from bodies import document
from chat_bodies import request_of
from hub import GIF, MODEL, PNG
from imagewire.model import Part
from imagewire.options import Options
from known_failures import answer, inline

FACES = {
    "parts": ("chat", Options()),
    "message": ("chat", Options(chat_images="message")),
    "markdown": ("chat", Options(chat_images="markdown", read_markdown=True)),
    "kept": ("chat", Options(keep_drafts=True)),
    "kept-in-message": ("chat", Options(keep_drafts=True, chat_images="message")),
    "without-extensions": ("chat", Options(chat_extensions=False)),
    "images": ("images", Options()),
    "gemini": ("gemini", Options()),
}
KIND = {"text": "T", PNG: "I", GIF: "G"}

#: Parts of a reply, and by face what is read there and what was lost on the way.
TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "I:AAAA": {
        "parts": ("I:AAAA", ""),
        "message": ("I:AAAA", ""),
        "markdown": ("I", "DROPPED 0"),
        "kept": ("I:AAAA", ""),
        "kept-in-message": ("I:AAAA", ""),
        "without-extensions": ("I", "DROPPED 0"),
        "images": ("I:AAAA", ""),
        "gemini": ("I:AAAA", ""),
    },
    "I:AAAA G:BBBB": {
        "parts": ("I:AAAA G:BBBB", ""),
        "message": ("I:AAAA G:BBBB", ""),
        "markdown": ("I G", "DROPPED 0, DROPPED 1"),
        "without-extensions": ("I G", "DROPPED 0, DROPPED 1"),
        "images": ("I:AAAA G:BBBB", ""),
        "gemini": ("I:AAAA G:BBBB", ""),
    },
    # The first text of a model's turn carries one too (googleapis/js-genai issue 1116).
    "T:AAAA I:BBBB": {
        "parts": ("T:AAAA I:BBBB", ""),
        "message": ("T I:BBBB", "DROPPED 0"),
        "markdown": ("T I", "DROPPED 0, DROPPED 1"),
        "without-extensions": ("T I", "DROPPED 0, DROPPED 1"),
        "images": ("I:BBBB", "DROPPED 0"),
        "gemini": ("T:AAAA I:BBBB", ""),
    },
    # Without an image the text is a plain string, and the message carries the signature.
    "T:AAAA": {
        "parts": ("T:AAAA", ""),
        "message": ("T:AAAA", ""),
        "markdown": ("T:AAAA", ""),
        "without-extensions": ("T", "DROPPED 0"),
        "gemini": ("T:AAAA", ""),
    },
    "G~:AAAA I:BBBB": {
        "parts": ("I:BBBB", "DROPPED 0"),
        "message": ("I:BBBB", "DROPPED 0"),
        "markdown": ("I", "DROPPED 0, DROPPED 1"),
        "kept": ("G~:AAAA I:BBBB", ""),
        "kept-in-message": ("G~:AAAA I:BBBB", ""),
        "without-extensions": ("I", "DROPPED 0, DROPPED 1"),
        "images": ("I:BBBB", "DROPPED 0"),
        "gemini": ("G~:AAAA I:BBBB", ""),
    },
    # The last of only drafts is the image (Lixpi/lixpi pull 136).
    "G~:AAAA I~:BBBB": {
        "parts": ("I:BBBB", "APPROXIMATED 1, DROPPED 0"),
        "message": ("I:BBBB", "APPROXIMATED 1, DROPPED 0"),
        "markdown": ("I", "APPROXIMATED 1, DROPPED 0, DROPPED 1"),
        "kept": ("G~:AAAA I~:BBBB", ""),
        "kept-in-message": ("G~:AAAA I~:BBBB", ""),
        "without-extensions": ("I", "APPROXIMATED 1, DROPPED 0, DROPPED 1"),
        "images": ("I:BBBB", "APPROXIMATED 1, DROPPED 0"),
        "gemini": ("G~:AAAA I~:BBBB", ""),
    },
    "T~:AAAA I": {
        "parts": ("I", "DROPPED 0"),
        "message": ("I", "DROPPED 0"),
        "markdown": ("I", "DROPPED 0"),
        "kept": ("T~ I", "DROPPED 0"),
        "kept-in-message": ("T~ I", "DROPPED 0"),
        "images": ("I", "DROPPED 0"),
        "gemini": ("T~:AAAA I", ""),
    },
    "T~ I~": {
        "parts": ("I", "APPROXIMATED 1, DROPPED 0"),
        "kept": ("T~ I~", ""),
        "images": ("I", "APPROXIMATED 1, DROPPED 0"),
        "gemini": ("T~ I~", ""),
    },
}


def part_of(shown: str) -> dict[str, Any]:
    """A wire part of Gemini's."""
    match = re.fullmatch(r"([TIG])(~?)(?::(.+))?", shown)
    assert match is not None
    marks: dict[str, Any] = {}
    if match[2]:
        marks["thought"] = True
    if match[3]:
        marks["thoughtSignature"] = match[3]
    if match[1] == "T":
        return {"text": "Here.", **marks}
    return inline(PNG, **marks) if match[1] == "I" else inline(GIF, "image/gif", **marks)


def shown(part: Part) -> str:
    key = "text" if part.image is None else part.image.data
    signature = f":{part.signature}" if part.signature else ""
    return f"{KIND[key or '']}{'~' if part.thought else ''}{signature}"


def lost(losses: tuple[imagewire.Loss, ...]) -> str:
    """The losses of parts."""
    found = [(loss.kind, re.search(r"content\.parts\[(\d+)\]", loss.path)) for loss in losses]
    return ", ".join(f"{kind} {match[1]}" for kind, match in found if match)


def send(reply: str, face: str) -> imagewire.TranslatedResponse:
    target, options = FACES[face]
    body = answer(*map(part_of, reply.split()))
    return imagewire.translate_response(
        body, source="gemini", target=target, options=options, created=1
    )


class TestReplies:
    @pytest.mark.parametrize(
        ("reply", "face", "expected"),
        [
            pytest.param(reply, face, expected, id=f"{reply}-to-{face}")
            for reply, faces in TABLE.items()
            for face, expected in faces.items()
        ],
    )
    def test_a_face_shows_what_it_can_and_reports_the_rest(
        self, reply: str, face: str, expected: tuple[str, str]
    ) -> None:
        result = send(reply, face)
        target, options = FACES[face]
        read = imagewire.FORMATS[target].read_response(bytes(result.body), options=options).value
        parts = [part for candidate in read.candidates for part in candidate.parts]

        assert expected == (" ".join(map(shown, parts)), lost(result.losses))


class TestBackAgain:
    """A client puts the reply's message into its next request, and Gemini gets its marks back."""

    @pytest.mark.parametrize(
        ("reply", "face", "expected"),
        [
            ("I:AAAA", "parts", "I:AAAA"),
            ("I:AAAA", "message", "I:AAAA"),
            ("I:AAAA G:BBBB", "message", "I:AAAA G:BBBB"),
            ("T:AAAA I:BBBB", "parts", "T:AAAA I:BBBB"),
            ("T:AAAA", "parts", "T:AAAA"),
            ("T:AAAA", "message", "T:AAAA"),
            ("G~:AAAA I~:BBBB", "parts", "I:BBBB"),
            ("G~:AAAA I:BBBB", "kept", "G~:AAAA I:BBBB"),
            ("G~:AAAA I:BBBB", "kept-in-message", "G~:AAAA I:BBBB"),
        ],
    )
    def test_each_on_its_own_part(self, reply: str, face: str, expected: str) -> None:
        message = document(send(reply, face))["choices"][0]["message"]
        body = request_of(message, {"role": "user", "content": "make it night"})
        sent = imagewire.translate_request(
            body, source="chat", target="gemini", options=Options(history="all")
        )

        assert list(map(part_of, expected.split())) == document(sent)["contents"][0]["parts"]

    @pytest.mark.parametrize(
        ("signatures", "expected"),
        [
            pytest.param(["AAAA", "BBBB"], "T:AAAA I:BBBB", id="one-a-part"),
            pytest.param(["BBBB"], "T I:BBBB", id="one-an-image"),
            pytest.param(["AAAA", "BBBB", "CCCC"], "T I", id="nobody-knows-whose"),
        ],
    )
    def test_a_message_of_litellm(self, signatures: list[str], expected: str) -> None:
        """It lists them beside the message: read where the counts match."""
        message = document(send("T I", "message"))["choices"][0]["message"]
        message["provider_specific_fields"] = {"thought_signatures": signatures}
        body = request_of(message, {"role": "user", "content": "make it night"})
        sent = imagewire.translate_request(
            body, source="chat", target="gemini", options=Options(history="all")
        )

        assert list(map(part_of, expected.split())) == document(sent)["contents"][0]["parts"]

    @pytest.mark.parametrize("signature", ["AAAA", "not base64!", "_-8", "=", "\u2028"])
    def test_a_signature_is_opaque(self, signature: str) -> None:
        """The string passes untouched, to chat and back."""
        body = answer(inline(PNG, thoughtSignature=signature))
        there = imagewire.translate_response(body, source="gemini", target="chat")
        back = imagewire.translate_response(bytes(there.body), source="chat", target="gemini")

        assert (
            body["candidates"][0]["content"]["parts"]
            == (document(back)["candidates"][0]["content"]["parts"])
        )

    def test_a_picture_without_one_is_reported_towards_gemini_3(self) -> None:
        """The API may refuse it: langchain-google issue 1431."""
        message = document(send("I", "parts"))["choices"][0]["message"]
        body = request_of(message, {"role": "user", "content": "make it night"})
        sent = imagewire.translate_request(
            {**body, "model": MODEL},
            source="chat",
            target="gemini",
            options=Options(history="all"),
        )

        assert [("APPROXIMATED", "$.messages[0].content[0]")] == [
            (loss.kind, loss.path) for loss in sent.losses
        ]
