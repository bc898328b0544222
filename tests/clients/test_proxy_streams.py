"""The official clients ask for streams through the recipes' proxy, of every upstream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from google.genai import errors
from openai import AsyncOpenAI

from cases import GEMINI_MODEL
from proxied import Answer, Clients, Upstream, sample, seen_in_responses
from sdks import PNG
from streamed import (
    BROKEN,
    MESSAGES,
    STREAMS,
    USAGE,
    Shown,
    chat,
    content,
    edit,
    gathered,
    generate,
    respond,
    streaming,
)

UPSTREAMS = ["chat", "gemini", "images", "responses"]
WORDS = {**dict.fromkeys(UPSTREAMS, "Here it is."), "images": ""}
DRAFTS = {"chat": 0, "gemini": 1, "images": 1, "responses": 1}

#: Whole replies of the same pictures, and what they say.
WHOLE: dict[str, tuple[str, str, tuple[int, int, int] | None]] = {
    "chat": ("chat_response_openrouter_images", "Here is your otter.", (12, 1290, 1302)),
    "gemini": (
        "gemini_response_ok_seed", "Here is your otter wearing a top hat!", (12, 1290, 1302),
    ),
    "images": ("images_response_seed_minimal", "", None),
    "responses": ("responses_response_whole", "Here it is.", (5, 7, 12)),
}  # fmt: skip


FACES: dict[str, Callable[[Clients], Shown]] = {
    "chat": chat,
    "generate": lambda clients: generate(clients, partial_images=2),
    "edit": edit,
    "content": content,
    "respond": respond,
}


def answered(upstream: str, answer: Answer) -> tuple[Clients, Upstream]:
    found = Upstream(answer)
    return Clients(found, target=upstream), found


class TestLive:
    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_chat(self, upstream: str) -> None:
        clients, asked = answered(upstream, streaming(STREAMS[upstream]))

        assert Shown([PNG], 0, WORDS[upstream], "stop", USAGE) == chat(clients)
        assert asked.document.get("stream") or asked.asked.url.query == b"alt=sse"

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_chat_without_usage(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        assert Shown([PNG], 0, WORDS[upstream], "stop", None) == chat(clients, usage=False)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_a_generation_with_drafts(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        expected = Shown([PNG], DRAFTS[upstream], "", None, USAGE)
        assert expected == generate(clients, partial_images=2)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_a_generation_that_asks_for_no_drafts_has_one_event(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        assert Shown([PNG], 0, "", None, USAGE) == generate(clients)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_an_edit(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        assert Shown([PNG], 0, "", None, USAGE) == edit(clients)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_a_response(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        expected = Shown([PNG], 0, WORDS[upstream], "completed", USAGE)
        assert expected == respond(clients)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_a_response_with_drafts(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        expected = Shown([PNG], DRAFTS[upstream], WORDS[upstream], "completed", USAGE)
        assert expected == respond(clients, partial_images=2)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_the_accumulator_of_responses_has_the_picture(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        async def ask(client: AsyncOpenAI) -> Any:
            asked = clients.asked_of_responses("a fox")
            async with client.responses.stream(**asked) as stream:
                return await stream.get_final_response()

        found = seen_in_responses(clients.openai(ask))
        assert ([PNG], WORDS[upstream]) == (found.pictures, found.text or "")

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_google_s_client(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        expected = Shown([PNG], DRAFTS[upstream], WORDS[upstream], "STOP", USAGE)
        assert expected == content(clients)

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_google_s_chat_remembers_the_turn(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        async def ask(client: Any) -> list[Any]:
            session = client.chats.create(model=clients.model)
            await gathered(await session.send_message_stream("a fox"))
            history: list[Any] = session.get_history(curated=True)
            return history

        history = clients.google(ask)
        assert {"user", "model"} == {turn.role for turn in history}

    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_the_accumulator_of_the_openai_client_has_the_picture(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        async def ask(client: AsyncOpenAI) -> Any:
            asked: Any = {"model": clients.model, "messages": MESSAGES}
            async with client.chat.completions.stream(**asked) as stream:
                return await stream.get_final_completion()

        found = clients.openai(ask)
        [choice] = found.choices
        assert WORDS[upstream] == (choice.message.content or "")
        assert 1 == len(choice.message.images)


class TestUpstreamsThatAnswerWhole:
    @pytest.mark.parametrize("face", FACES)
    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_the_client_has_its_stream(self, upstream: str, face: str) -> None:
        name, words, usage = WHOLE[upstream]
        clients, _ = answered(upstream, sample(name))

        told = FACES[face](clients)

        has_words = face in {"chat", "content", "respond"}
        expected = (words if has_words else "", usage)
        assert ([PNG], *expected) == (told.pictures, told.text, told.usage)


class TestStreamsThatWereNotAskedFor:
    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_the_client_has_one_reply(self, upstream: str) -> None:
        clients, _ = answered(upstream, streaming(STREAMS[upstream]))

        found = clients.generate()

        assert 1 == len(found.data)
        assert USAGE[2] == found.usage.total_tokens


class TestSeveralPictures:
    def test_two_calls_of_gemini_are_one_stream(self) -> None:
        clients, asked = answered("gemini", sample("gemini_response_ok_seed"))

        assert [PNG, PNG] == generate(clients, n=2).pictures
        assert 2 == len(asked.calls)


class TestFailures:
    @pytest.mark.parametrize("face", FACES)
    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_an_error_before_the_stream_is_raised_with_its_status(
        self, upstream: str, face: str
    ) -> None:
        envelope = "google_error_503_unavailable"
        name = envelope if upstream == "gemini" else "openai_error_500_server_error"
        status = 503 if upstream == "gemini" else 500
        clients, _ = answered(upstream, sample(name))

        with pytest.raises((openai.APIStatusError, errors.APIError)) as caught:
            FACES[face](clients)

        raised: Any = caught.value
        assert status == getattr(raised, "status_code", None) or raised.code

    def test_an_error_within_a_response_is_an_event_of_its_own(self) -> None:
        """The openai client gives it to its caller: it raises the nested form alone."""
        clients, _ = answered("responses", streaming(BROKEN["responses"]))

        async def ask(client: AsyncOpenAI) -> list[Any]:
            asked = clients.asked_of_responses("a fox")
            return await gathered(await client.responses.create(**asked, stream=True))

        *_, last = clients.openai(ask)
        assert ("error", "overloaded", "server_is_overloaded") == (
            last.type,
            last.message,
            last.code,
        )

    @pytest.mark.parametrize("face", sorted(FACES.keys() - {"respond"}))
    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_an_error_within_the_stream_is_raised(self, upstream: str, face: str) -> None:
        clients, _ = answered(upstream, streaming(BROKEN[upstream]))

        with pytest.raises((openai.APIError, errors.APIError)) as caught:
            FACES[face](clients)

        assert "overloaded" in str(caught.value)

    @pytest.mark.parametrize("face", FACES)
    @pytest.mark.parametrize("upstream", UPSTREAMS)
    def test_a_stream_that_is_cut_off_is_raised(self, upstream: str, face: str) -> None:
        body = STREAMS[upstream]
        cut = body[: body.index(b"\n\n" if upstream != "gemini" else b"\r\n\r\n") + 4]
        clients, _ = answered(upstream, streaming(cut))

        with pytest.raises((openai.APIError, errors.APIError)) as caught:
            FACES[face](clients)

        assert "ended before" in str(caught.value)

    @pytest.mark.parametrize("face", ["generate", "edit"])
    def test_a_refusal_is_an_error_of_the_images_api(self, face: str) -> None:
        clients, _ = answered("gemini", sample("gemini_response_image_safety"))

        with pytest.raises(openai.BadRequestError) as caught:
            FACES[face](clients)

        assert "moderation_blocked" == caught.value.code

    def test_a_refusal_is_a_choice_of_a_chat(self) -> None:
        clients, _ = answered("gemini", sample("gemini_response_image_safety"))

        assert ("content_filter", []) == (chat(clients).finish, chat(clients).pictures)

    @pytest.mark.parametrize("name", ["image_safety", "blocked_prompt", "no_image_text_only"])
    def test_a_refusal_of_gemini_stays_one(self, name: str) -> None:
        clients, _ = answered("gemini", sample(f"gemini_response_{name}"))

        assert [] == content(clients).pictures

    def test_our_key_s_trouble_is_no_client_s(self) -> None:
        clients, _ = answered("gemini", sample("google_error_400_api_key_invalid"))

        with pytest.raises(openai.InternalServerError) as caught:
            chat(clients)

        assert 502 == caught.value.status_code


def test_a_gemini_model_is_asked_for_a_stream_at_its_own_path() -> None:
    clients, asked = answered("gemini", streaming(STREAMS["gemini"]))
    content(clients)

    path = f"/v1beta/models/{GEMINI_MODEL}:streamGenerateContent?alt=sse"
    assert path.encode() == asked.asked.url.raw_path
