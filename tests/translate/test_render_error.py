"""Our own errors and an upstream's failures, told in each format's dialect."""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from bodies import document
from imagewire import Failure, FailureKind

BUSY = {"error": {"code": 503, "message": "Too busy.", "status": "UNAVAILABLE"}}


def one(body: Any, target: str, **fields: Any) -> imagewire.TranslatedResponse:
    return imagewire.translate_response(body, source="gemini", target=target, **fields)


ERRORS = {
    "malformed": imagewire.MalformedError("body must be valid JSON"),
    "unsupported": imagewire.UnsupportedError("no streams", path="$.stream"),
    "model": imagewire.InvalidModelError("no model was named", path="$.model"),
    "inexpressible": imagewire.InexpressibleError("no mask", path="$.mask"),
    "credentials": imagewire.CredentialError("two keys"),
}
CODES = {"model": "invalid_model", "credentials": "invalid_api_key"}


class TestRenderError:
    @pytest.mark.parametrize("name", ERRORS)
    def test_openai_s_envelope_has_all_four_keys(self, name: str) -> None:
        error = ERRORS[name]
        reply = imagewire.render_error(error, target="chat")

        assert error.status == reply.status
        assert {
            "error": {
                "message": error.openai_message or error.message,
                "type": "invalid_request_error",
                "param": error.param,
                "code": CODES.get(name),
            }
        } == document(reply)
        assert ("false", error.failure) == (reply.headers["x-should-retry"], reply.failure)

    @pytest.mark.parametrize("name", ERRORS)
    def test_google_s_envelope_agrees_with_itself(self, name: str) -> None:
        error = ERRORS[name]
        reply = imagewire.render_error(error, target=imagewire.gemini)
        found = document(reply)["error"]
        status = "UNAUTHENTICATED" if error.status == 401 else "INVALID_ARGUMENT"

        assert (error.status, error.status, status) == (
            reply.status,
            found["code"],
            found["status"],
        )

    @pytest.mark.parametrize("target", [name for name in imagewire.FORMATS if name != "gemini"])
    def test_a_malformed_reply_is_not_to_be_bought_again(self, target: str) -> None:
        """A 502 with ``x-should-retry: false``: the openai SDK retries every 5xx otherwise."""
        with pytest.raises(imagewire.MalformedError) as caught:
            one(b"nope", target)
        reply = imagewire.render_error(caught.value, target=target)

        assert (502, "false") == (reply.status, reply.headers["x-should-retry"])

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_a_failure_is_rendered_like_an_upstream_s(self, target: str) -> None:
        upstream = one(BUSY, target, status=503)
        assert upstream.failure is not None

        assert upstream == imagewire.render_error(upstream.failure, target=target)

    @pytest.mark.parametrize(
        ("kind", "stage", "expected"),
        [
            (
                FailureKind.CONTENT_BLOCKED,
                None,
                {"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "No."}},
            ),
            (
                FailureKind.CONTENT_BLOCKED,
                "output",
                {"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "No."}]},
            ),
            (
                FailureKind.NO_IMAGE,
                None,
                {
                    "candidates": [
                        {
                            "content": {"role": "model", "parts": [{"text": "No."}]},
                            "finishReason": "NO_IMAGE",
                        }
                    ]
                },
            ),
        ],
        ids=["blocked", "blocked-output", "no-image"],
    )
    def test_a_refusal_is_no_error_of_gemini_s(self, kind: Any, stage: Any, expected: Any) -> None:
        failure = Failure(kind=kind, message="No.", status=400, stage=stage)
        reply = imagewire.render_error(failure, target="gemini")

        assert (200, expected) == (reply.status, document(reply))

    def test_an_unknown_format_is_a_wrong_argument(self) -> None:
        with pytest.raises(ValueError, match="telegram"):
            imagewire.render_error(ERRORS["model"], target="telegram")
