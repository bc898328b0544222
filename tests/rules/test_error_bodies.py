"""The upstream's words survive, in whatever shape a framework or a relay wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagewire import FailureKind, chat, gemini, images
from imagewire.rules.error_bodies import is_failure
from imagewire.rules.failures import kind_of_code
from imagewire.rules.retry import read_retry_words, request_id_of

M = "No such image model."
SHAPES: dict[str, Any] = {
    "message": {"message": M},
    "fastapi": {"detail": M},
    "fastapi-validation": {"detail": [{"loc": ["body", "prompt"], "msg": M, "type": "missing"}]},
    "detail-object": {"detail": {"message": M}},
    "error-word-beside-message": {"error": "Forbidden", "message": M},
    "message-word-beside-error": {"message": "Forbidden", "error": M},
    "json-string": json.dumps(M),
    "errors": {"errors": [{"message": M}]},
    "msg": {"code": 1004, "msg": M},
    "error_msg": {"error_code": 17, "error_msg": M},
    "error.msg": {"error": {"msg": M}},
    "error.detail": {"error": {"detail": M}},
    "error-object-empty": {"error": {}, "message": M},
    "errorMessage": {"errorMessage": M, "errorType": "Error"},
    "aws": {"Message": M},
    "problem-title": {"type": "about:blank", "title": M, "status": 403},
    "problem-detail": {"title": "Forbidden", "detail": M, "status": 403},
    "apigee": {"fault": {"faultstring": M, "detail": {"errorcode": "x"}}},
    "three-levels": {"error": {"message": json.dumps({"error": {"message": json.dumps({
        "error": {"message": json.dumps({"error": {"message": M}})}})}})}},
    "in-a-list": [{"error": {"message": M}}],
}  # fmt: skip


class TestWords:
    @pytest.mark.parametrize("format_", [chat, gemini, images], ids=lambda format_: format_.NAME)
    @pytest.mark.parametrize("document", SHAPES.values(), ids=SHAPES)
    def test_the_upstreams_message_is_found(self, document: Any, format_: Any) -> None:
        raw = document if isinstance(document, str) else json.dumps(document)

        assert M == format_.read_failure(raw, status=403).message

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b'{"error":{"code":7}}', '{"error":{"code":7}}'),
            (b'{"status":"bad","reason":7}', '{"status":"bad","reason":7}'),
            (
                b"<html><body><h1>Blocked</h1> by the firewall</body></html>",
                "Blocked by the firewall",
            ),
        ],
    )
    def test_a_body_without_a_known_name_is_quoted(self, raw: bytes, expected: str) -> None:
        """Masked and cut, but never left out."""

        assert expected == chat.read_failure(raw, status=500).message

    def test_what_is_quoted_holds_no_key_and_no_picture(self) -> None:
        raw = json.dumps({"key": "sk-" + "a1" * 20, "image": "iVBORw0KGgo" * 99})
        message = chat.read_failure(raw, status=500).message

        assert ("sk-" not in message, "iVBOR" not in message) == (True, True)
        assert len(message) < 400

    def test_a_body_without_anything_names_the_status(self) -> None:
        found = {chat.read_failure(raw, status=502).message for raw in (b"", b" \n", b"{}", b"[]")}

        assert {"the upstream answered with HTTP status 502 and no message"} == found


class TestKinds:
    @pytest.mark.parametrize(
        "code",
        [
            *("moderation_blocked", "content_policy_violation", "image_content_policy_violation"),
            *("content_filter", "contentFilter", "bio_policy", "misalignment_policy_violation"),
            *("ResponsibleAIPolicyViolation", "DataInspectionFailed", "sensitive_words_detected"),
            *(
                "prompt_blocked",
                "PUBLIC_ERROR_UNSAFE_GENERATION",
                "InputTextSensitiveContentDetected",
            ),
            "OutputImageSensitiveContentDetected",
        ],
    )
    def test_moderation_has_many_names(self, code: str) -> None:
        """By any vendor's name it is blocked content, in either envelope and anywhere in it."""
        blocked = FailureKind.CONTENT_BLOCKED
        error = {"message": M, "code": code}
        google = {"code": 400, "message": M, "details": [{"reason": code}]}

        assert blocked == kind_of_code(code)
        assert blocked == chat.read_failure({"error": error}, status=400).kind
        assert blocked == chat.read_failure({"detail": error}, status=400).kind
        assert blocked == gemini.read_failure({"error": google}, status=400).kind

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            ({"code": "BadRequest", "innererror": {"code": "ResponsibleAIPolicyViolation"}}, 400),
            ({"type": "content_filter", "code": None}, 400),
            ({"code": 403, "metadata": {"reasons": ["violence"]}}, 403),
        ],
        ids=["azure", "type", "openrouter"],
    )
    def test_moderation_is_told_in_other_places(self, error: Any, status: int) -> None:
        failure = images.read_failure({"error": {"message": M, **error}}, status=status)

        assert FailureKind.CONTENT_BLOCKED == failure.kind

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"error": {"message": M}}, True),
            ([{"error": {"message": M}}], True),
            ([{"error": {"message": M}}, {}], False),
            ({"error": None}, False),
            ({"data": []}, False),
        ],
    )
    def test_a_reply_that_is_an_error_says_so_at_its_top(self, body: Any, expected: bool) -> None:  # noqa: FBT001
        assert expected == is_failure(json.dumps(body))


class TestHints:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("Please retry in 45.8s.", 45.8),
            ("retry after 38 seconds", 38.0),
            ("Please try again in 1m2.5s. Visit the site.", 62.5),
            ("try again in 20ms", 0.02),
            ("Try again in 6m0s.", 360.0),
            ("Please retry after 2 minutes.", 120.0),
            ("try again in 1h", 3600.0),
            ("try again in 99h", 86_400.0),
            ("try again in a while", None),
            ("retry in 5", None),
        ],
    )
    def test_words_say_when_to_ask_again(self, words: str, expected: float | None) -> None:
        assert expected == pytest.approx(read_retry_words(words))

    @pytest.mark.parametrize("name", ["x-request-id", "request-id", "apim-request-id"])
    def test_a_request_id_has_three_names(self, name: str) -> None:
        failure = chat.read_failure(b"{}", status=500, headers={name.upper(): "req-1"})

        assert "req-1" == request_id_of({name: "req-1"}) == failure.request_id
        assert request_id_of({name: "no id"}) is None
