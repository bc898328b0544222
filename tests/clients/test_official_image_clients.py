"""The openai client at work on the Images API: we read what it sends, it shows what we answer.

Bytes that it is given without a name go out as ``upload``, an ``application/octet-stream``; one
file is ``image``, several are ``image[]``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import openai
import pybase64
import pytest
from openai.types import ImagesResponse

import imagewire
from cases import GEMINI_MODEL, sample
from image_sdks import (
    EDIT,
    EDITS_PATH,
    FULL_EDIT,
    FULL_GENERATION,
    GENERATE,
    JPEG,
    NO_FIELDS,
    WEBP,
    edit,
    form_of,
    generate,
    json_of,
    sent_form,
    sent_on,
    uri,
)
from imagewire import ReplyContext
from imagewire.model import Image, ImageRequest
from sdks import PNG, Upstream

SETTINGS = {name: FULL_EDIT[name] for name in FULL_EDIT if name not in NO_FIELDS}
OTTER = ("otter.png", PNG, "image/png")


def read(upstream: Upstream) -> ImageRequest:
    """What a client asked for, read without a loss."""
    found = imagewire.images.read_request(
        upstream.asked.content, content_type=upstream.asked.headers["content-type"]
    )
    assert () == found.losses
    return found.value


def image(data: bytes, kind: str) -> Image:
    return Image(data=pybase64.b64encode_as_string(data), media_type=f"image/{kind}")


FILES: dict[str, tuple[Any, list[bytes], list[str]]] = {
    "one-file": (OTTER, [PNG], ["png"]),
    "one-nameless": (WEBP, [WEBP], ["webp"]),
    "one-in-a-list": ([OTTER], [PNG], ["png"]),
    "several": (
        [("b.jpg", JPEG, "image/jpeg"), OTTER, ("c.webp", WEBP)],
        [JPEG, PNG, WEBP],
        ["jpeg", "png", "webp"],
    ),
    "several-nameless": ([PNG, JPEG], [PNG, JPEG], ["png", "jpeg"]),
}


class TestGenerations:
    def test_a_request_goes_on_whole(self) -> None:
        upstream = Upstream()
        generate(upstream, **FULL_GENERATION)
        assert GENERATE == upstream.endpoint
        translated = sent_on(upstream, "native")
        assert ("images", ()) == (translated.target, translated.losses)
        assert FULL_GENERATION == json_of(translated)

    def test_a_request_is_read_whole(self) -> None:
        upstream = Upstream()
        generate(upstream, **FULL_GENERATION)
        found = read(upstream)
        [turn] = found.turns
        assert [FULL_GENERATION["prompt"]] == [part.text for part in turn.parts]
        assert ("gpt-image-2", 3, "1536x864") == (found.model, found.count, str(found.image.size))
        assert ("high", "transparent", "webp", 80, "low") == (
            found.image.quality,
            found.image.background,
            found.image.format,
            found.image.compression,
            found.image.moderation,
        )
        assert ("u-1", "s-1") == (found.user, found.safety_identifier)

    def test_a_request_goes_to_gemini_and_chat(self) -> None:
        upstream = Upstream()
        generate(upstream, n=2, size="1024x1024")
        there = sent_on(upstream, "gemini", model=GEMINI_MODEL)
        assert (2, ()) == (there.repeat, there.losses)
        assert {
            "contents": [{"role": "user", "parts": [{"text": "a fox"}]}],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"},
            },
        } == json_of(there)
        there = sent_on(upstream, "chat")
        assert (1, ()) == (there.repeat, there.losses)
        assert {
            "model": "gpt-image-2",
            "messages": [{"role": "user", "content": "a fox"}],
            "n": 2,
            "size": "1024x1024",
        } == json_of(there)


@pytest.mark.parametrize(("given", "data", "kinds"), FILES.values(), ids=FILES)
class TestEdits:
    def test_a_request_is_read_whole(self, given: Any, data: list[bytes], kinds: list[str]) -> None:
        upstream = Upstream()
        edit(upstream, **{**SETTINGS, "image": given, "mask": PNG})
        assert EDIT == upstream.endpoint
        found = read(upstream)
        [turn] = found.turns
        *images, words = turn.parts
        assert FULL_EDIT["prompt"] == words.text
        assert list(map(image, data, kinds)) == [part.image for part in images]
        assert image(PNG, "png") == found.mask
        assert ("gpt-image-1.5", 3, "1536x1024") == (
            found.model,
            found.count,
            str(found.image.size),
        )
        assert ("high", "transparent", "webp", 80, "high") == (
            found.image.quality,
            found.image.background,
            found.image.format,
            found.image.compression,
            found.image.input_fidelity,
        )
        assert ("u-1", "s-1") == (found.user, found.safety_identifier)

    def test_a_request_goes_on_whole(self, given: Any, data: list[bytes], kinds: list[str]) -> None:
        upstream = Upstream()
        edit(upstream, **{**SETTINGS, "image": given, "mask": PNG})
        translated = sent_on(upstream, "native")
        assert (EDITS_PATH, ()) == (translated.path, translated.losses)
        form = form_of(translated)
        assert sent_form(upstream).fields == form.fields
        assert data == [file.data for file in form.images]
        assert [f"image/{kind}" for kind in kinds] == [file.content_type for file in form.images]
        assert [PNG] == [file.data for file in form.masks]

    def test_a_request_goes_to_gemini(
        self, given: Any, data: list[bytes], kinds: list[str]
    ) -> None:
        upstream = Upstream()
        edit(upstream, image=given, n=2, size="1024x1024")
        translated = sent_on(upstream, "gemini", model=GEMINI_MODEL)
        assert (2, ()) == (translated.repeat, translated.losses)
        inline = [
            {"mimeType": f"image/{kind}", "data": pybase64.b64encode_as_string(raw)}
            for raw, kind in zip(data, kinds, strict=True)
        ]
        assert {
            "contents": [
                {
                    "role": "user",
                    "parts": [*({"inlineData": item} for item in inline), {"text": "Add a hat"}],
                }
            ],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"},
            },
        } == json_of(translated)

    def test_a_request_goes_to_chat(self, given: Any, data: list[bytes], kinds: list[str]) -> None:
        upstream = Upstream()
        edit(upstream, image=given, n=2, size="1024x1024")
        translated = sent_on(upstream, "chat")
        assert (1, ()) == (translated.repeat, translated.losses)
        urls = map(uri, data, kinds)
        content = [
            *({"type": "image_url", "image_url": {"url": url}} for url in urls),
            {"type": "text", "text": "Add a hat"},
        ]
        assert {
            "model": "gpt-image-2",
            "messages": [{"role": "user", "content": content}],
            "n": 2,
            "size": "1024x1024",
        } == json_of(translated)


class TestMasksAndPaths:
    @pytest.mark.parametrize("target", ["gemini", "chat"])
    def test_a_mask_goes_to_the_images_api_only(self, target: str) -> None:
        upstream = Upstream()
        edit(upstream, mask=PNG)
        with pytest.raises(imagewire.InexpressibleError) as caught:
            sent_on(upstream, target, model=GEMINI_MODEL)
        assert "mask" == caught.value.param

    def test_a_file_on_the_disk_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "otter ü.png"
        path.write_bytes(PNG)
        upstream = Upstream()
        edit(upstream, image=path)
        assert image(PNG, "png") == read(upstream).turns[0].parts[0].image

    def test_a_file_that_we_do_not_know_stays_a_file(self) -> None:
        upstream = Upstream()
        edit(upstream, markup=PNG)  # a field of GPT Image 2.5's edits
        found = form_of(sent_on(upstream, "images")).files
        assert [("image", PNG), ("markup", PNG)] == [(file.name, file.data) for file in found]

    def test_the_key_is_found(self) -> None:
        upstream = Upstream()
        edit(upstream)
        assert "key-1" == imagewire.read_credentials(upstream.asked.headers)


def answer(body: bytes, source: str, **params: Any) -> Upstream:
    """An upstream that answers a client of the Images API with a translated reply."""
    translated = imagewire.translate_response(
        body, source=source, target="images", created=5, **params
    )
    return Upstream.of(translated)


def pictures(found: ImagesResponse) -> list[bytes]:
    return [pybase64.b64decode(item.b64_json or "", validate=True) for item in found.data or ()]


class TestReplies:
    @pytest.mark.parametrize(
        ("name", "data", "created", "tokens"),
        [
            ("gemini_response_ok_seed", [PNG], 5, (12, 1290, 1302)),
            ("gemini_response_thought_images", [PNG], 5, (9, 1381, 1390)),
            ("chat_response_seed_array", [PNG], 1735689600, (12, 1290, 1302)),
            ("chat_response_openrouter_images", [PNG], 1735689600, (12, 1290, 1302)),
            ("chat_response_seed_array_text_first", [PNG, JPEG], 1735689600, (12, 2540, 2552)),
        ],
        ids=["gemini", "gemini-thoughts", "chat", "chat-message", "chat-png-and-jpeg"],
    )
    def test_the_client_shows_the_pictures(
        self, name: str, data: list[bytes], created: int, tokens: tuple[int, int, int]
    ) -> None:
        asked = Upstream()
        generate(asked)
        context = sent_on(asked, "images").context
        found = generate(answer(sample(name), name.partition("_")[0], context=context))
        assert data == pictures(found)
        assert created == found.created
        assert ("png" if data == [PNG] else None) == found.output_format
        usage = found.usage
        assert usage is not None
        assert tokens == (usage.input_tokens, usage.output_tokens, usage.total_tokens)
        details = usage.input_tokens_details  # a generation's prompt is all text
        assert (0, tokens[0]) == (details.image_tokens, details.text_tokens)

    def test_the_client_shows_an_edit_whose_tokens_were_not_told_apart(self) -> None:
        context = ReplyContext(had_input_images=True)
        found = edit(answer(sample("gemini_response_ok_seed"), "gemini", context=context))
        assert [PNG] == pictures(found)
        assert found.usage is not None
        assert 1302 == found.usage.total_tokens

    def test_the_client_shows_the_words_as_the_revised_prompt(self) -> None:
        options = imagewire.Options(images_text="revised_prompt")
        found = generate(answer(sample("gemini_response_ok_seed"), "gemini", options=options))
        assert ["Here is your otter wearing a top hat!"] == [
            item.revised_prompt for item in found.data or ()
        ]

    def test_the_client_shows_a_reply_of_its_own_api_as_it_was(self) -> None:
        body = sample("images_response_gpt_image_full")
        assert generate(Upstream(body)) == generate(answer(body, "images"))


BLOCKED, NO_IMAGE = "moderation_blocked", "no_image_generated"


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "code", "words"),
        [
            ("gemini_response_blocked_prompt", BLOCKED, None),
            (
                "gemini_response_image_safety",
                BLOCKED,
                "Unable to show the generated image. Try rephrasing the prompt.",
            ),
            (
                "gemini_response_image_prohibited_empty_content",
                BLOCKED,
                "Unable to show the generated image. Support code: 11030041.",
            ),
            ("gemini_response_no_image_text_only", NO_IMAGE, "I cannot draw that."),
            (
                "chat_response_blocked_content_filter",
                BLOCKED,
                "Unable to show the generated image. IMAGE_SAFETY",
            ),
        ],
        ids=["prompt", "safety", "prohibited", "text-only", "chat"],
    )
    def test_the_client_raises_the_model_s_words_once(
        self, name: str, code: str, words: str | None
    ) -> None:
        upstream = answer(sample(name), name.partition("_")[0])
        with pytest.raises(openai.BadRequestError) as caught:
            generate(upstream, retries=2)
        error = caught.value
        assert 1 == len(upstream.calls)
        assert (400, code, "image_generation_user_error", None) == (
            error.status_code,
            error.code,
            error.type,
            error.param,
        )
        assert isinstance(error.body, dict)  # what is in `error`
        assert error.body["message"]
        assert words in (None, error.body["message"])


def google_error(status: int, name: str, delay: str | None = None) -> bytes:
    error: dict[str, Any] = {"code": status, "message": "m", "status": name}
    if delay is not None:
        kind = "type.googleapis.com/google.rpc.RetryInfo"
        error["details"] = [{"@type": kind, "retryDelay": delay}]
    return msgspec.json.encode({"error": error})


RETRY_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")


class TestErrors:
    @pytest.mark.parametrize(
        ("body", "kind", "code", "headers"),
        [
            (
                sample("google_error_429_quota_retryinfo"),
                openai.RateLimitError,
                "rate_limit_exceeded",
                ("35", "34075", None),
            ),
            (
                google_error(401, "UNAUTHENTICATED"),
                openai.AuthenticationError,
                "invalid_api_key",
                (None, None, "false"),
            ),
            (
                sample("google_error_503_unavailable"),
                openai.InternalServerError,
                "server_is_overloaded",
                (None, None, None),
            ),
            (
                google_error(503, "UNAVAILABLE", "1.5s"),
                openai.InternalServerError,
                "server_is_overloaded",
                ("2", "1500", None),
            ),
        ],
        ids=["429", "401", "503", "503-with-delay"],
    )
    def test_the_client_raises_its_class(
        self,
        body: bytes,
        kind: type[openai.APIStatusError],
        code: str,
        headers: tuple[str | None, ...],
    ) -> None:
        status = msgspec.json.decode(body)["error"]["code"]
        with pytest.raises(openai.APIStatusError) as caught:
            generate(answer(body, "gemini", status=status))
        error = caught.value
        assert (kind, status, code) == (type(error), error.status_code, error.code)
        assert headers == tuple(error.response.headers.get(name) for name in RETRY_HEADERS)

    def test_an_invalid_key_of_google_s_is_an_authentication_error(self) -> None:
        body = sample("google_error_400_api_key_invalid")
        with pytest.raises(openai.AuthenticationError) as caught:
            generate(answer(body, "gemini", status=400))
        assert "invalid_api_key" == caught.value.code
