"""URLs of pictures, and references to what an upstream holds: what travels, and what raises."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from cases import UPSTREAM_MODELS, options_for
from hub import MODEL, PNG_URI
from imagewire.rules.urls import is_http, is_stored

FILE = "https://generativelanguage.googleapis.com/v1beta/files/abc"
STORED = [
    "gs://bucket/a.png",
    "GS://bucket/a.png",
    FILE,
    "https://me@generativelanguage.googleapis.com:443/v1beta/files/abc",
    "http://GenerativeLanguage.googleapis.com./x",
]
NOWHERE = [
    "file:///etc/passwd",
    "FILE://etc/passwd",
    "javascript://x",
    "\x01javascript://x",
    "https://a/b\r\nHost: c",
    "https://a/b c.png",
    "https://a/\u2028b.png",
]
ODD = ["ftp://a/b.png", "vbscript://a", "https://a/\x00b", "https://a/\x7fb", "https://a/\x9bb"]
FOX = {"type": "text", "text": "a fox"}


def bodies(url: str) -> dict[str, dict[str, Any]]:
    """A request of each format with a picture at a URL."""
    return {
        "chat": {
            "model": MODEL,
            "messages": [
                {"role": "user", "content": [FOX, {"type": "image_url", "image_url": {"url": url}}]}
            ],
        },
        "gemini": {
            "contents": [
                {"parts": [{"text": "a"}, {"fileData": {"fileUri": url, "mimeType": "image/png"}}]}
            ]
        },
        "images": {"model": "gpt-image-2", "prompt": "a fox", "images": [{"image_url": url}]},
        "responses": {
            "model": "gpt-6.1",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "a fox"},
                        {"type": "input_image", "image_url": url, "detail": "auto"},
                    ],
                }
            ],
            "tools": [{"type": "image_generation", "model": "gpt-image-2"}],
        },
    }


def reply_of(url: str) -> dict[str, dict[str, Any]]:
    """A reply of each format that may have a picture at a URL."""
    part = {"type": "image_url", "image_url": {"url": url}}
    message = {"role": "assistant", "content": [part]}
    return {
        "chat": {
            "id": "a",
            "object": "chat.completion",
            "created": 1,
            "model": MODEL,
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        },
        "images": {"created": 1, "data": [{"url": url}]},
        "responses": {
            "id": "r1",
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "model": "gpt-6.1",
            "output": [{"type": "image_generation_call", "id": "ig_1", "result": url}],
            "parallel_tool_calls": True,
            "tool_choice": {"type": "image_generation"},
            "tools": [{"type": "image_generation", "model": "gpt-image-2"}],
        },
    }


PATHS = {
    "chat": "$.messages[0].content[1].image_url.url",
    "gemini": "$.contents[0].parts[1].fileData.fileUri",
    "images": "$.images[0].image_url",
    "responses": "$.input[0].content[1].image_url",
}
BY_SOURCE = pytest.mark.parametrize("source", imagewire.FORMATS)


def translated(body: Any, source: str, target: str, **options: Any) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(
        body,
        source=source,
        target=target,
        model=UPSTREAM_MODELS.get(target, MODEL),
        options=options_for(target, imagewire.Options(**options)),
    )


class TestSchemes:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://example.com", True),
            ("HTTPS://example.com", True),
            ("gs://bucket/b.png", False),
            ("httpx://example.com", False),
            ("file:///b.png", False),
            ("https://a/b\r\nc", False),
            ("https://a/\x00", False),
        ],
    )
    def test_http_and_https_can_be_fetched(self, url: str, expected: bool) -> None:  # noqa: FBT001
        assert expected == is_http(url)

    @BY_SOURCE
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("url", NOWHERE, ids=repr)
    def test_files_scripts_and_white_space_go_nowhere(
        self, url: str, source: str, target: str
    ) -> None:
        """Not into their own format either, and no caller is asked to fetch them."""
        body = bodies(url)[source]
        with pytest.raises(imagewire.MalformedError) as caught:
            translated(body, source, target)

        assert (400, PATHS[source]) == (caught.value.status, caught.value.path)
        with pytest.raises(imagewire.MalformedError):
            imagewire.remote_images(body, source=source, target=target)

    @pytest.mark.parametrize("source", ["chat", "images", "responses"])
    @pytest.mark.parametrize("url", [" https://a/b.png", "https://a/b.png\r\n", "\tgs://a/b.png"])
    def test_white_space_around_one_stays_behind(self, url: str, source: str) -> None:
        result = translated(bodies(url)[source], source, source)

        assert bytes(translated(bodies(url.strip())[source], source, source).body) == (
            bytes(result.body)
        )

    @pytest.mark.parametrize("source", ["chat", "images", "responses"])
    def test_white_space_around_one_of_a_reply_too(self, source: str) -> None:
        body = reply_of("https://a/b.png\r\n")[source]
        result = imagewire.translate_response(body, source=source, target=source)

        assert reply_of("https://a/b.png")[source] == document(result)

    def test_a_script_without_slashes_is_no_file_of_geminis(self) -> None:
        with pytest.raises(imagewire.MalformedError):
            translated(bodies("javascript:x")["gemini"], "gemini", "gemini")

    @BY_SOURCE
    @pytest.mark.parametrize("url", ODD, ids=repr)
    def test_odd_ones_stay_in_their_own_format(self, url: str, source: str) -> None:
        result = translated(bodies(url)[source], source, source)

        assert msgspec.json.encode(url) in bytes(result.body)

    @BY_SOURCE
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("url", ODD, ids=repr)
    def test_odd_ones_reach_no_other_format(self, url: str, source: str, target: str) -> None:
        if source == target:
            return
        body = bodies(url)[source]
        with pytest.raises(imagewire.TranslationError) as caught:
            translated(body, source, target, remote_urls="file_uri")

        assert 400 == caught.value.status
        assert PATHS[source].startswith(caught.value.path)
        assert () == imagewire.remote_images(body, source=source, target=target)

    @pytest.mark.parametrize("url", ["https://a/b.png", "http://a/b.png", "gs://a/b.png", PNG_URI])
    def test_ordinary_ones_reach_chat(self, url: str) -> None:
        assert url in bytes(translated(bodies(url)["images"], "images", "chat").body).decode()

    def test_one_in_a_turn_that_is_dropped_is_not_judged(self) -> None:
        body = bodies("ftp://a/b")["chat"]
        body["messages"].append({"role": "user", "content": "a fox"})

        assert translated(body, "chat", "images").path == "/v1/images/generations"

    def test_a_mask_has_a_url_too(self) -> None:
        body = {**bodies(PNG_URI)["images"], "mask": {"image_url": "file:///a"}}
        with pytest.raises(imagewire.MalformedError) as caught:
            translated(body, "images", "images")

        assert "$.mask.image_url" == caught.value.path

    def test_one_in_markdown_stays_text(self) -> None:
        text = "![a](file:///etc/passwd)"
        body = {"messages": [{"role": "user", "content": text}]}
        result = translated(body, "chat", "gemini", read_markdown=True)

        assert [{"text": text}] == document(result)["contents"][0]["parts"]

    @pytest.mark.parametrize("url", ["file:///a", "javascript://a", "https://a/ b"])
    def test_of_a_reply_are_the_upstreams_fault(self, url: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_response({"data": [{"url": url}]}, source="images", target="chat")

        assert (502, "$.data[0].url") == (caught.value.status, caught.value.path)


def refused(body: Any, source: str) -> str:
    """The path at which a request is refused, which passes with the default."""
    translated(body, source, source)
    with pytest.raises(imagewire.UnsupportedError, match="not accepted here") as caught:
        translated(body, source, source, references="refuse")
    return caught.value.path


class TestReferences:
    @pytest.mark.parametrize("url", STORED)
    @BY_SOURCE
    def test_stored_pictures_are_refused(self, url: str, source: str) -> None:
        assert is_stored(url)
        assert PATHS[source].startswith(refused(bodies(url)[source], source))

    @pytest.mark.parametrize("url", ["https://generativelanguage.googleapis.com.evil/a", "g://s"])
    def test_other_addresses_are_none(self, url: str) -> None:
        assert not is_stored(url)

    @BY_SOURCE
    def test_pictures_themselves_pass(self, source: str) -> None:
        body = bodies("https://a/b.png")[source]
        result = translated(body, source, source, references="refuse")

        assert translated(body, source, source) == result

    @pytest.mark.parametrize(
        ("source", "fields", "path"),
        [
            ("gemini", {"cachedContent": "cachedContents/a"}, "$.cachedContent"),
            ("gemini", {"cached_content": "cachedContents/a"}, "$.cached_content"),
            ("chat", {"google": {"cached_content": "cachedContents/a"}}, "$.google.cached_content"),
            ("chat", {"extra_body": {"cachedContent": "a"}}, "$.extra_body.cachedContent"),
            ("chat", {"x": [{"a": {"uri": FILE}}]}, "$.x"),
            ("images", {"x": {"file_id": "file-1"}}, "$.x"),
            ("images", {"images": [{"file_id": "file-1"}]}, "$.images[0]"),
            ("images", {"images": [{"image_url": PNG_URI, "file_ids": [1]}]}, None),
        ],
    )
    def test_wherever_they_stand(
        self, source: str, fields: dict[str, Any], path: str | None
    ) -> None:
        body = {**bodies("https://a/b.png")[source], **fields}

        assert (path or "$.images[0].file_ids") == refused(body, source)

    @pytest.mark.parametrize(
        ("source", "part"),
        [
            ("chat", {"type": "file", "file": {"file_id": "file-1"}}),
            ("gemini", {"fileData": {"fileUri": "files/a", "mimeType": "application/pdf"}}),
            ("gemini", {"fileData": {"fileUri": FILE, "mimeType": "application/pdf"}}),
        ],
    )
    def test_in_parts_of_no_use_here(self, source: str, part: dict[str, Any]) -> None:
        body = bodies("https://a/b.png")[source]
        parts = body["messages"][0]["content"] if source == "chat" else body["contents"][0]["parts"]
        parts[1] = part

        assert PATHS[source].startswith(refused(body, source))

    def test_a_video_elsewhere_is_none(self) -> None:
        body = bodies("https://a/b.png")["gemini"]
        uri = "https://www.youtube.com/watch?v=1"
        body["contents"][0]["parts"][1] = {"fileData": {"fileUri": uri, "mimeType": "video/mp4"}}

        assert () == translated(body, "gemini", "gemini", references="refuse").losses

    def test_in_a_mask_and_in_a_turn(self) -> None:
        mask = {**bodies(PNG_URI)["images"], "mask": {"file_id": "file-1"}}
        turn = bodies("https://a/b.png")["chat"]
        turn["messages"][0]["file_ids"] = ["file-1"]

        assert "$.mask" == refused(mask, "images")
        assert "$.messages[0].file_ids" == refused(turn, "chat")

    def test_words_that_look_like_one_are_words(self) -> None:
        body = {"messages": [{"role": "user", "content": "gs://bucket is what it says"}]}

        assert () == translated(body, "chat", "gemini", references="refuse").losses
