"""The official clients through a proxy: what they show of the pictures of an upstream."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest

from cases import DATA
from image_sdks import JPEG, WEBP
from proxied import (
    Answer,
    Clients,
    Seen,
    Upstream,
    sample,
    seen_in_chat,
    seen_in_google,
    seen_in_images,
    seen_in_responses,
)
from sdks import PNG

FACES: dict[str, Callable[[Clients], Seen]] = {
    "chat": lambda clients: seen_in_chat(clients.chat()),
    "images": lambda clients: seen_in_images(clients.generate()),
    "gemini": lambda clients: seen_in_google(clients.content()),
    "responses": lambda clients: seen_in_responses(clients.respond()),
}

Usage = tuple[int, int, int] | None

#: A payload, and the pictures, words and counts that every client has to show of it.
PICTURES: dict[str, tuple[str, list[bytes], str | None, Usage]] = {
    "gemini_response_ok_seed": (
        "gemini", [PNG], "Here is your otter wearing a top hat!", (12, 1290, 1302),
    ),
    # JPEG called PNG, `\\u003d` in base64: https://github.com/LibreChat-AI/agents/pull/41
    "gemini_response_ok_escaped_google_style": (
        "gemini", [JPEG], "Here is your otter wearing a top hat!", (12, 1290, 1302),
    ),
    # Drafts shown as pictures: https://github.com/BerriAI/litellm/issues/30355
    "gemini_response_thought_images": (
        "gemini", [PNG], "Here is the picture.", (9, 1381, 1390),
    ),
    "chat_response_seed_array": ("chat", [PNG], None, (12, 1290, 1302)),
    "chat_response_openrouter_images": ("chat", [PNG], "Here is your otter.", (12, 1290, 1302)),
    "chat_response_seed_array_text_first": (
        "chat", [PNG, JPEG], "Here is your otter.", (12, 2540, 2552),
    ),
    "images_response_seed_minimal": ("images", [PNG], None, None),
    "images_response_gpt_image_full": ("images", [WEBP, WEBP], None, (14, 2112, 2126)),
    "images_response_escaped_slash_php_style": ("images", [JPEG], None, None),
    "responses_response_whole": ("responses", [PNG], "Here it is.", (5, 7, 12)),
    "responses_response_minimal": ("responses", [PNG], None, None),
}  # fmt: skip

#: How each client says that a reply is whole.
WHOLE = {"chat": "stop", "images": None, "gemini": "STOP", "responses": "completed"}


class TestPictures:
    @pytest.mark.parametrize("face", FACES)
    @pytest.mark.parametrize("name", PICTURES)
    def test_every_client_shows_the_upstream_s_pictures(self, name: str, face: str) -> None:
        target, pictures, text, usage = PICTURES[name]
        words = None if face == "images" else text
        found = FACES[face](Clients(Upstream(sample(name)), target))
        assert Seen(pictures, words, WHOLE[face], usage) == found

    def test_what_gemini_does_not_date_is_dated_now(self) -> None:
        found = Clients(Upstream(sample("gemini_response_ok_seed")), "gemini").chat()
        assert found.created > 1735689600

    def test_an_upstream_s_date_is_kept(self) -> None:
        found = Clients(Upstream(sample("chat_response_seed_array")), "chat").generate()
        assert 1735689600 == found.created

    def test_thoughts_are_counted(self) -> None:
        upstream = Upstream(sample("gemini_response_thought_images"))
        found = Clients(upstream, "gemini").chat()
        assert 255 == found.usage.completion_tokens_details.reasoning_tokens

    def test_a_picture_s_settings_are_shown(self) -> None:
        found = Clients(Upstream(sample("images_response_gpt_image_full")), "images").generate()
        assert ("1024x1024", "medium", "opaque", "webp") == (
            found.size,
            found.quality,
            found.background,
            found.output_format,
        )

    @pytest.mark.parametrize("face", FACES)
    def test_a_compressed_reply_is_unpacked_on_the_way(self, face: str) -> None:
        body = gzip.compress((DATA / "gemini_response_ok_seed.json").read_bytes())
        clients = Clients(Upstream((200, {"content-encoding": "gzip"}, body)), "gemini")
        assert [PNG] == FACES[face](clients).pictures


class Pair:
    """An upstream that answers neither before both have asked."""

    def __init__(self, *answers: Answer) -> None:
        self.upstream = Upstream(*answers)
        self.both = asyncio.Event()

    async def __call__(self, call: httpx.Request) -> httpx.Response:
        answer = self.upstream(call)
        if 2 == len(self.upstream.calls):
            self.both.set()
        async with asyncio.timeout(10):
            await self.both.wait()
        return answer


class TestSeveralPictures:
    """Gemini has no ``n``: https://github.com/google-gemini/gemini-cli/issues/10370."""

    ONE = sample("gemini_response_ok_seed")
    OTHER = sample("gemini_response_ok_escaped_google_style")
    BUSY = sample("google_error_429_quota_retryinfo")

    @pytest.mark.parametrize(
        ("ask", "text", "finish"),
        [
            (
                lambda clients: seen_in_chat(clients.chat(n=2)),
                "Here is your otter wearing a top hat!" * 2,
                "stop",
            ),
            (lambda clients: seen_in_images(clients.generate(n=2)), None, None),
            (lambda clients: seen_in_images(clients.edit([PNG], n=2)), None, None),
        ],
        ids=["chat", "generate", "edit"],
    )
    def test_both_calls_run_at_once_and_are_one_reply(
        self, ask: Any, text: str | None, finish: str | None
    ) -> None:
        pair = Pair(self.ONE, self.OTHER)
        found = ask(Clients(pair, "gemini"))
        assert Seen([PNG, JPEG], text, finish, (24, 2580, 2604)) == found
        first, second = pair.upstream.calls
        assert first.content == second.content

    def test_a_candidate_count_becomes_n(self) -> None:
        upstream = Upstream(sample("images_response_gpt_image_full"))
        found = Clients(upstream, "images").content(candidate_count=2)
        assert 2 == upstream.document["n"]
        assert [WEBP, WEBP] == seen_in_google(found).pictures

    @pytest.mark.parametrize(
        "lost",
        [
            BUSY,
            sample("google_error_400_api_key_invalid"),
            (200, {}, b"<html>"),
            httpx.ReadTimeout("late"),
            httpx.ConnectError("gone"),
        ],
        ids=["busy", "our-key", "malformed", "late", "gone"],
    )
    def test_one_lost_call_leaves_the_other_s_picture(self, lost: Answer) -> None:
        found = Clients(Upstream(lost, self.ONE), "gemini", retries=2).generate(n=2)
        assert Seen([PNG], None, None, (12, 1290, 1302)) == seen_in_images(found)

    def test_two_lost_calls_are_one_error_that_may_pass(self) -> None:
        upstream = Upstream((200, {}, b"<html>"), self.BUSY)
        with pytest.raises(openai.RateLimitError) as caught:
            Clients(upstream, "gemini").generate(n=2)
        assert "35" == caught.value.response.headers["retry-after"]

    def test_a_picture_is_kept_when_its_sister_is_blocked(self) -> None:
        upstream = Upstream(self.ONE, sample("gemini_response_image_safety"))
        found = Clients(upstream, "gemini").chat(n=2)
        assert [PNG] == seen_in_chat(found).pictures


#: A refusal, its upstream, its words and the finish that Gemini's clients see.
BLOCKED: dict[str, tuple[str, str | None, str | None]] = {
    "gemini_response_image_safety": (
        "gemini", "Unable to show the generated image. Try rephrasing the prompt.",
        "IMAGE_SAFETY",
    ),
    "gemini_response_image_prohibited_empty_content": (
        "gemini", None, "IMAGE_PROHIBITED_CONTENT",
    ),
    "gemini_response_blocked_prompt": ("gemini", None, None),
    "chat_response_blocked_content_filter": ("chat", None, "SAFETY"),
}  # fmt: skip


class TestRefusals:
    """A refusal is an answer for chat and Gemini, and an error for the Images API."""

    @pytest.mark.parametrize("name", BLOCKED)
    def test_chat_shows_a_refusal(self, name: str) -> None:
        target, words, _ = BLOCKED[name]
        [choice] = Clients(Upstream(sample(name)), target, retries=2).chat().choices
        assert ("content_filter", None) == (choice.finish_reason, choice.message.content)
        assert choice.message.refusal
        assert words in {None, choice.message.refusal}

    @pytest.mark.parametrize("name", BLOCKED)
    def test_images_raises_and_does_not_ask_again(self, name: str) -> None:
        target, words, _ = BLOCKED[name]
        upstream = Upstream(sample(name))
        with pytest.raises(openai.BadRequestError) as caught:
            Clients(upstream, target, retries=2).generate()
        assert ("moderation_blocked", "image_generation_user_error", 1) == (
            caught.value.code,
            caught.value.type,
            len(upstream.calls),
        )
        assert (words or "") in caught.value.message

    @pytest.mark.parametrize("name", BLOCKED)
    def test_gemini_shows_why_it_finished(self, name: str) -> None:
        target, _, finish = BLOCKED[name]
        found = Clients(Upstream(sample(name)), target).content()
        shown = [candidate.finish_reason.name for candidate in found.candidates or ()]
        assert [finish] if finish else [] == shown
        assert (finish is None) == bool(
            found.prompt_feedback and found.prompt_feedback.block_reason
        )

    # https://github.com/jeffstric/ZJT/issues/480
    def test_openai_s_refusal_is_an_answer_for_google_s_client(self) -> None:
        upstream = Upstream(sample("openai_error_400_moderation_blocked"))
        [candidate] = Clients(upstream, "images").content().candidates
        assert "IMAGE_SAFETY" == candidate.finish_reason.name

    def test_openai_s_refusal_of_a_prompt_is_feedback_on_it(self) -> None:
        body = b'{"error":{"message":"no","type":null,"code":"moderation_blocked","param":null}}'
        found = Clients(Upstream((400, {}, body)), "images").content()
        assert "SAFETY" == found.prompt_feedback.block_reason.name
        assert not found.candidates

    def test_openai_s_refusal_stays_an_error_for_its_own_client(self) -> None:
        upstream = Upstream(sample("openai_error_400_moderation_blocked"))
        for ask in (Clients(upstream, "images").chat, Clients(upstream, "images").generate):
            with pytest.raises(openai.BadRequestError) as caught:
                ask()
            assert "moderation_blocked" == caught.value.code

    # https://github.com/minimaxir/gemimg/issues/5
    def test_words_without_a_picture_are_no_success_of_the_images_api(self) -> None:
        upstream = Upstream(sample("gemini_response_no_image_text_only"))
        with pytest.raises(openai.BadRequestError) as caught:
            Clients(upstream, "gemini", retries=2).generate()
        assert ("no_image_generated", 1) == (caught.value.code, len(upstream.calls))
        assert "I cannot draw that." in caught.value.message

    def test_words_without_a_picture_are_an_answer_elsewhere(self) -> None:
        clients = Clients(Upstream(sample("gemini_response_no_image_text_only")), "gemini")
        words = "I cannot draw that."
        assert Seen([], words, "content_filter", (5, 6, 11)) == seen_in_chat(clients.chat())
        assert Seen([], words, "NO_IMAGE", (5, 6, 11)) == seen_in_google(clients.content())
