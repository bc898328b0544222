"""Nothing steers: no id leaves its path segment, no reply header is the upstream's."""

from __future__ import annotations

import re
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import imagewire
from bodies import chat, contents, document
from imagewire.model import (
    Failure,
    FailureKind,
    ImageRequest,
    Part,
    Turn,
)
from steering import BY_HOSTILE, BY_STEERING, check_headers

SEGMENT = r"models/[A-Za-z0-9._@-]{1,256}:generateContent"
PATHS = {
    False: re.compile(rf"/v1beta/{SEGMENT}"),
    True: re.compile(rf"/v1beta1/publishers/google/{SEGMENT}"),
}

#: What of an upstream's headers is read, or could be mistaken for ours.
UPSTREAM: tuple[str, ...] = (
    "x-request-id",
    "retry-after",
    "retry-after-ms",
    "date",
    "content-type",
)

#: What is said of an id that is refused.
WHY = {"no model was named", "the model's id is too long or has invalid characters"}


def request(**fields: Any) -> ImageRequest:
    return ImageRequest(turns=(Turn(role="user", parts=(Part(text="a fox"),)),), **fields)


class TestModelIds:
    @BY_HOSTILE
    @pytest.mark.parametrize("place", ["body", "path", "override"])
    @pytest.mark.parametrize("vertex", [False, True], ids=["gemini", "vertex"])
    def test_a_hostile_id_stays_in_its_segment_or_is_refused(
        self, place: str, model: str, *, vertex: bool
    ) -> None:
        """Wherever it stands; the message is the product's, and quotes nothing."""
        cases: dict[str, dict[str, Any]] = {
            "body": {"source": "chat", "body": {**chat({"text": "a"}), "model": model}},
            "path": {
                "source": imagewire.Endpoint("gemini", model=model),
                "body": contents({"text": "a"}),
            },
            "override": {"source": "chat", "body": chat({"text": "a"}), "model": model},
        }
        arguments = cases[place]
        body = arguments.pop("body")
        options = imagewire.Options(vertex=vertex)
        try:
            result = imagewire.translate_request(
                body, target="gemini", options=options, **arguments
            )
        except imagewire.InvalidModelError as error:
            assert error.message in WHY
            assert "$.model" == error.path
        except imagewire.MalformedError as error:
            assert ("a\udcffb", "the mapping is not JSON data") == (model, error.message)
        else:
            assert PATHS[vertex].fullmatch(result.path)

    @given(model=st.text(max_size=300) | st.text("./%:?#@-ab\\", max_size=20))
    @example(model="models/google/x")
    @pytest.mark.parametrize("vertex", [False, True], ids=["gemini", "vertex"])
    def test_any_id_stays_in_its_segment_or_is_refused(self, model: str, *, vertex: bool) -> None:
        options = imagewire.Options(vertex=vertex)
        try:
            wire = imagewire.gemini.write_request(request(model=model), options=options).value
        except imagewire.InvalidModelError:
            return

        assert PATHS[vertex].fullmatch(wire.path)
        assert ".." not in wire.path
        check_headers(wire.headers)

    @BY_HOSTILE
    @pytest.mark.parametrize("target", ["chat", "images"])
    def test_a_hostile_id_never_reaches_the_path_of_a_body_format(
        self, target: str, model: str
    ) -> None:
        """There the id is a text of the body, and the path is fixed."""
        try:
            wire = imagewire.FORMATS[target].write_request(request(model=model)).value
        except imagewire.InvalidModelError:
            return

        assert wire.path in {"/v1/chat/completions", "/v1/images/generations"}
        assert model == document(wire)["model"]
        check_headers(wire.headers)

    @pytest.mark.parametrize(
        ("path", "model"),
        [
            pytest.param("/v1beta/models/../x:generateContent", None, id="parent"),
            pytest.param("/v1beta/models/%2e%2e%2fx:generateContent", None, id="encoded"),
            pytest.param("/v1beta/models/a/b:generateContent", None, id="slash"),
            pytest.param("/v1beta/models/a%2Fb:generateContent", None, id="encoded-slash"),
            pytest.param("/v1beta/models/a:b:generateContent", None, id="colon"),
            pytest.param("/v1beta/models/a:generateContent/..", None, id="behind"),
            pytest.param("/v1beta/models/a:generateContent\n", None, id="line-end-behind"),
            pytest.param("/v1beta/models/google/:generateContent", None, id="nothing-left"),
            pytest.param("/v1beta/models/a%0d%0aX:generateContent", "a\r\nX", id="line-end"),
            pytest.param("/v1beta/models/..:generateContent", "..", id="dots"),
            pytest.param("/v1beta/models/a%3Fb:generateContent", "a?b", id="query"),
            pytest.param("/v1beta/models/a#b:generateContent", "a#b", id="fragment"),
            pytest.param("/v1beta/models/%ff:generateContent", "\ufffd", id="no-utf-8"),
        ],
    )
    def test_a_hostile_path_is_no_endpoint_or_its_id_goes_nowhere(
        self, path: str, model: str | None
    ) -> None:
        endpoint = imagewire.match_endpoint("POST", path)

        assert model == (endpoint.model if endpoint else None)
        if endpoint:
            with pytest.raises(imagewire.InvalidModelError):
                imagewire.translate_request(
                    contents({"text": "a"}), source=endpoint, target="gemini"
                )


class TestReplyHeaders:
    @BY_STEERING
    def test_no_header_of_an_upstream_steers_a_reply(self, text: str) -> None:
        headers: dict[str, str] = dict.fromkeys(UPSTREAM, f"1{text}")
        details = [
            {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": f"r{text}"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"1s{text}"},
        ]
        body = {"error": {"code": 429, "message": text, "status": text, "details": details}}
        for source, target, status in product(imagewire.FORMATS, imagewire.FORMATS, (200, 429)):
            reply = imagewire.translate_response(
                body, source=source, target=target, status=status, headers=headers
            )
            check_headers(reply.headers)

            assert "application/json" == reply.headers["content-type"]
            assert reply.headers.keys() <= {
                *("content-type", "x-request-id"),
                *("retry-after", "retry-after-ms", "x-should-retry"),
            }

    @BY_STEERING
    @pytest.mark.parametrize("target", ["chat", "images"])
    def test_a_failure_of_the_callers_own_steers_no_header(self, target: str, text: str) -> None:
        """It may have been read from a file."""
        failure = Failure(
            kind=FailureKind.TIMEOUT,
            message="no answer",
            status=504,
            request_id=f"r{text}",
            retry_after=float("inf"),
        )
        reply = imagewire.render_error(failure, target=target)
        check_headers(reply.headers)

        assert "x-request-id" not in reply.headers
        assert "86400" == reply.headers["retry-after"]


class TestCredentials:
    @pytest.mark.parametrize(
        "text", ["\r\nX-Evil: 1", "\n", "\x00", " b", "\u00e9", "\x85"], ids=ascii
    )
    def test_a_key_of_a_query_cannot_leave_its_header(self, text: str) -> None:
        """A query is percent-decoded, and a header is not encoded again."""
        with pytest.raises(imagewire.TranslationError) as caught:
            imagewire.read_credentials({}, f"key=secret{quote(text)}")

        assert (401, False) == (caught.value.status, "secret" in str(caught.value))
        for format_ in imagewire.FORMATS:
            with pytest.raises(ValueError, match="no header can carry") as refused:
                imagewire.credential_headers(format_, f"secret{text}")
            assert "secret" not in str(refused.value)
