"""The official clients through a proxy: what they raise of what goes wrong, and how often they ask.

The openai client asks again after 408, 409, 429 and every 5xx, which would buy a picture three
times, unless ``x-should-retry`` says no: so each case counts the calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import openai
import pytest
from google.genai import errors

from proxied import Answer, Clients, Upstream, sample, seen_in_chat
from sdks import PNG

Ask = Callable[[Clients], Any]

OPENAI_FACES: dict[str, Ask] = {
    "chat": lambda clients: clients.chat(),
    "generate": lambda clients: clients.generate(),
    "edit": lambda clients: clients.edit([PNG]),
}
TARGETS = ["chat", "gemini", "images"]
INVALID = "invalid_request_error"


def raised_by_openai(ask: Ask, clients: Clients) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(clients)
    return caught.value


def raised_by_google(clients: Clients) -> errors.APIError:
    with pytest.raises(errors.APIError) as caught:
        clients.content()
    return caught.value


def retry_delays(error: errors.APIError) -> list[str]:
    found: Any = error.details
    return [item["retryDelay"] for item in found["error"]["details"] if "retryDelay" in item]


OVERLOADED = '{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}'
NO_DETAILS = b'{"error":{"code":429,"message":"busy","status":"RESOURCE_EXHAUSTED"}}'
BAD, BUSY = openai.BadRequestError, openai.RateLimitError
DOWN, LOST = openai.InternalServerError, openai.NotFoundError

#: An upstream's error, and what each client raises of it: the openai client's class, status, type,
#: code and param, and google-genai's status and name.
ERRORS: dict[str, tuple[str, Answer, tuple[Any, ...], tuple[int, str]]] = {
    "gemini-busy": (
        "gemini",
        sample("google_error_429_quota_retryinfo"),
        (BUSY, 429, "rate_limit_error", "rate_limit_exceeded", None),
        (429, "RESOURCE_EXHAUSTED"),
    ),
    # No details at all: https://github.com/google-gemini/gemini-cli/issues/14831
    "gemini-busy-without-details": (
        "gemini",
        (429, {}, NO_DETAILS),
        (BUSY, 429, "rate_limit_error", "rate_limit_exceeded", None),
        (429, "RESOURCE_EXHAUSTED"),
    ),
    "gemini-down": (
        "gemini",
        sample("google_error_503_unavailable"),
        (DOWN, 503, "service_unavailable_error", "server_is_overloaded", None),
        (503, "UNAVAILABLE"),
    ),
    "gemini-lost": (
        "gemini",
        sample("google_error_404_not_found"),
        (LOST, 404, INVALID, "model_not_found", None),
        (404, "NOT_FOUND"),
    ),
    "gemini-field": (
        "gemini",
        sample("google_error_400_field_violation"),
        (BAD, 400, INVALID, None, "generation_config.image_config.aspect_ratio"),
        (400, "INVALID_ARGUMENT"),
    ),
    "gemini-in-a-list": (
        "gemini",
        sample("google_error_400_wrapped_in_list"),
        (BAD, 400, INVALID, None, None),
        (400, "INVALID_ARGUMENT"),
    ),
    # A relay's error within an error: https://github.com/archestra-ai/archestra/issues/2548
    "gemini-nested": (
        "gemini",
        (500, {}, msgspec.json.encode({"error": {"message": OVERLOADED}})),
        (DOWN, 503, "service_unavailable_error", "server_is_overloaded", None),
        (503, "UNAVAILABLE"),
    ),
    "gemini-page": (
        "gemini",
        (502, {"content-type": "text/html"}, b"<html><title>Bad Gateway</title></html>"),
        (DOWN, 502, "server_error", None, None),
        (500, "INTERNAL"),
    ),
    "images-busy": (
        "images",
        sample("openai_error_429_rate_limit"),
        (BUSY, 429, "rate_limit_error", "rate_limit_exceeded", None),
        (429, "RESOURCE_EXHAUSTED"),
    ),
    # https://github.com/vercel/ai/issues/6102
    "images-parameter": (
        "images",
        sample("openai_error_400_unknown_parameter"),
        (BAD, 400, INVALID, "unknown_parameter", "response_format"),
        (400, "INVALID_ARGUMENT"),
    ),
    "chat-model": (
        "chat",
        sample("openai_error_400_invalid_model_seed"),
        (BAD, 400, INVALID, "invalid_model", "model"),
        (400, "INVALID_ARGUMENT"),
    ),
    "chat-down": (
        "chat",
        sample("openai_error_500_server_error"),
        (DOWN, 500, "server_error", None, None),
        (500, "INTERNAL"),
    ),
    "no-connection": (
        "gemini",
        httpx.ConnectError("refused"),
        (DOWN, 503, "service_unavailable_error", "server_is_overloaded", None),
        (503, "UNAVAILABLE"),
    ),
    "broken-connection": (
        "images",
        httpx.RemoteProtocolError("peer closed connection"),
        (DOWN, 503, "service_unavailable_error", "server_is_overloaded", None),
        (503, "UNAVAILABLE"),
    ),
    "no-answer-in-time": (
        "chat",
        httpx.ReadTimeout("late"),
        (DOWN, 504, "server_error", "timeout", None),
        (504, "DEADLINE_EXCEEDED"),
    ),
}


class TestErrors:
    @pytest.mark.parametrize("face", OPENAI_FACES)
    @pytest.mark.parametrize("name", ERRORS)
    def test_the_openai_client_raises_its_class(self, name: str, face: str) -> None:
        target, answer, expected, _ = ERRORS[name]
        error = raised_by_openai(OPENAI_FACES[face], Clients(Upstream(answer), target))
        assert expected == (type(error), error.status_code, error.type, error.code, error.param)

    @pytest.mark.parametrize("name", ERRORS)
    def test_google_s_client_raises_its_class(self, name: str) -> None:
        target, answer, _, expected = ERRORS[name]
        error = raised_by_google(Clients(Upstream(answer), target))
        kind = errors.ClientError if expected[0] < 500 else errors.ServerError
        assert (kind, *expected) == (type(error), error.code, error.status)

    @pytest.mark.parametrize("name", [n for n, row in ERRORS.items() if row[2][0] in {BAD, LOST}])
    def test_what_would_fail_again_is_asked_once(self, name: str) -> None:
        target, answer, *_ = ERRORS[name]
        upstream = Upstream(answer)
        raised_by_openai(OPENAI_FACES["chat"], Clients(upstream, target, retries=2))
        assert 1 == len(upstream.calls)


class TestRetries:
    @pytest.mark.parametrize("face", OPENAI_FACES)
    def test_gemini_s_delay_is_a_header_of_openai(self, face: str) -> None:
        upstream = Upstream(sample("google_error_429_quota_retryinfo"))
        error = raised_by_openai(OPENAI_FACES[face], Clients(upstream, "gemini"))
        assert isinstance(error, openai.RateLimitError)
        headers = error.response.headers
        assert ("35", "34075") == (headers["retry-after"], headers["retry-after-ms"])
        assert "x-should-retry" not in headers

    def test_a_header_of_openai_is_a_delay_for_google_s_client(self) -> None:
        busy = sample("openai_error_429_rate_limit", **{"retry-after": "7"})
        error = raised_by_google(Clients(Upstream(busy), "images"))
        assert ["7s"] == retry_delays(error)

    def test_the_openai_client_waits_as_gemini_asks_and_has_its_picture(self) -> None:
        delay = b'[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.002s"}]'
        busy = b'{"error":{"code":503,"message":"m","status":"UNAVAILABLE","details":%b}}' % delay
        upstream = Upstream((503, {}, busy), sample("gemini_response_ok_seed"))
        found = Clients(upstream, "gemini", retries=1).chat()
        assert [PNG] == seen_in_chat(found).pictures
        assert 2 == len(upstream.calls)

    def test_a_request_id_is_shown(self) -> None:
        down = sample("openai_error_500_server_error", **{"x-request-id": "req-7"})
        error = raised_by_openai(OPENAI_FACES["generate"], Clients(Upstream(down), "images"))
        assert "req-7" == error.request_id


#: What an upstream says of the proxy's key.
OURS: dict[str, tuple[str, Answer]] = {
    "gemini-key": ("gemini", sample("google_error_400_api_key_invalid")),
    "gemini-permission": ("gemini", sample("google_error_403_permission_denied")),
    "gemini-region": (
        "gemini",
        (400, {}, b'{"error":{"code":400,"message":"m","status":"FAILED_PRECONDITION"}}'),
    ),
    "openai-key": ("images", sample("openai_error_401_invalid_api_key")),
    "openai-quota": ("images", sample("openai_error_429_insufficient_quota")),
    "openai-bill": (
        "images",
        (400, {}, b'{"error":{"message":"m","code":"billing_hard_limit_reached"}}'),
    ),
}


class TestKeys:
    """Each side has a key, and hears of no other's trouble."""

    @pytest.mark.parametrize("face", OPENAI_FACES)
    @pytest.mark.parametrize("name", OURS)
    def test_trouble_with_the_proxy_s_key_is_a_plain_502(self, name: str, face: str) -> None:
        target, answer = OURS[name]
        upstream = Upstream(answer)
        error = raised_by_openai(OPENAI_FACES[face], Clients(upstream, target, retries=2))
        assert (502, "server_error", None) == (error.status_code, error.type, error.code)
        assert {
            "message": "the upstream's answer is of no use",
            "type": "server_error",
            "param": None,
            "code": None,
        } == error.body
        assert 1 == len(upstream.calls)

    @pytest.mark.parametrize("name", OURS)
    def test_it_is_an_internal_error_for_google_s_client(self, name: str) -> None:
        target, answer = OURS[name]
        error = raised_by_google(Clients(Upstream(answer), target))
        assert (500, "INTERNAL") == (error.code, error.status)

    @pytest.mark.parametrize("face", OPENAI_FACES)
    def test_a_stranger_is_turned_away(self, face: str) -> None:
        upstream = Upstream(sample("gemini_response_ok_seed"))
        clients = Clients(upstream, "gemini", retries=2, key="stranger")
        error = raised_by_openai(OPENAI_FACES[face], clients)
        assert isinstance(error, openai.AuthenticationError)
        assert ("invalid_api_key", []) == (error.code, upstream.calls)

    def test_a_stranger_with_google_s_client_is_turned_away(self) -> None:
        upstream = Upstream(sample("gemini_response_ok_seed"))
        error = raised_by_google(Clients(upstream, "gemini", key="stranger"))
        assert (401, "UNAUTHENTICATED", []) == (error.code, error.status, upstream.calls)


#: What an upstream may send under 200 that is no reply of its format.
NO_REPLY: dict[str, tuple[dict[str, str], bytes]] = {
    "page": ({"content-type": "text/html"}, b"<!doctype html><title>Sign in</title>"),
    "half": ({}, b'{"candidates": [{"content": {"parts": [{"inlineData": {"data": "iVBORw0'),
    "events": ({"content-type": "text/event-stream"}, b'data: {"choices": []}\n\ndata: [DONE]\n\n'),
    "nothing": ({}, b""),
    "list": ({}, b"[]"),
    "hollow": ({}, b"{}"),
    "not-gzip": ({"content-encoding": "gzip"}, b"{}"),
}


class TestMalformedReplies:
    @pytest.mark.parametrize("face", OPENAI_FACES)
    @pytest.mark.parametrize("target", TARGETS)
    @pytest.mark.parametrize("name", NO_REPLY)
    def test_a_picture_that_may_be_billed_is_not_bought_again(
        self, name: str, target: str, face: str
    ) -> None:
        upstream = Upstream((200, *NO_REPLY[name]))
        error = raised_by_openai(OPENAI_FACES[face], Clients(upstream, target, retries=2))
        assert (502, 1) == (error.status_code, len(upstream.calls))
        assert "false" == error.response.headers["x-should-retry"]

    @pytest.mark.parametrize("target", TARGETS)
    @pytest.mark.parametrize("name", NO_REPLY)
    def test_google_s_client_raises_too(self, name: str, target: str) -> None:
        error = raised_by_google(Clients(Upstream((200, *NO_REPLY[name])), target))
        assert (errors.ServerError, 500, "INTERNAL") == (type(error), error.code, error.status)

    @pytest.mark.parametrize("target", TARGETS)
    def test_a_redirection_is_not_followed(self, target: str) -> None:
        upstream = Upstream((302, {"location": "https://elsewhere.example"}, b""))
        error = raised_by_openai(OPENAI_FACES["chat"], Clients(upstream, target, retries=2))
        assert (502, 1) == (error.status_code, len(upstream.calls))

    # Neither client raises of an error under 200 by itself.
    @pytest.mark.parametrize("target", TARGETS)
    def test_an_error_under_200_is_an_error(self, target: str) -> None:
        answer: Answer = (
            200,
            {},
            NO_DETAILS,
        )
        error = raised_by_openai(OPENAI_FACES["generate"], Clients(Upstream(answer), target))
        assert openai.RateLimitError is type(error)
        assert 429 == raised_by_google(Clients(Upstream(answer), target)).code


class TestWrongQuestions:
    """What cannot be translated costs nothing: no upstream hears of it."""

    URL = "https://example.com/fox.png"

    @pytest.mark.parametrize(
        ("target", "ask", "param"),
        [
            ("images", lambda clients: clients.chat(tools=[{"type": "function"}]), "tools"),
            ("gemini", lambda clients: clients.generate(n=11), "n"),
            ("gemini", lambda clients: clients.chat(model="gpt-image-2"), "model"),
            ("images", lambda clients: clients.generate(model="gemini-2.5-flash-image"), "model"),
            (
                "gemini",
                lambda clients: clients.chat(
                    [
                        {"type": "image_url", "image_url": {"url": TestWrongQuestions.URL}},
                        {"type": "text", "text": "add a hat"},
                    ]
                ),
                "messages[0].content[0]",
            ),
        ],
        ids=["tools", "eleven", "gpt-model", "gemini-model", "address"],
    )
    def test_openai_s_client_hears_which_field_it_was(
        self, target: str, ask: Ask, param: str
    ) -> None:
        upstream = Upstream(sample("gemini_response_ok_seed"))
        error = raised_by_openai(ask, Clients(upstream, target, retries=2))
        assert openai.BadRequestError is type(error)
        assert (param, []) == (error.param, upstream.calls)

    def test_openai_s_client_finds_no_other_endpoint(self) -> None:
        clients = Clients(Upstream(), retries=2)
        with pytest.raises(openai.NotFoundError) as caught:
            clients.openai(lambda client: client.embeddings.create(model="m", input="a fox"))
        assert "no such endpoint" in caught.value.message
        with pytest.raises(openai.NotFoundError):
            clients.openai(lambda client: client.models.retrieve("gpt-image-2"))

    def test_google_s_client_finds_no_other_endpoint(self) -> None:
        clients = Clients(Upstream())
        with pytest.raises(errors.ClientError) as caught:
            clients.google(
                lambda client: client.models.count_tokens(model=clients.model, contents="a fox")
            )
        assert (404, "no such endpoint") == (caught.value.code, caught.value.message)
