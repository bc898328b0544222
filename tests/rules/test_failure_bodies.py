"""Error bodies as upstreams really send them: samples in four directions, and what is no JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cases import DATA
from imagewire import chat, gemini
from imagewire.messages import WireResponse
from imagewire.model import Failure, FailureKind

K = FailureKind
FORMATS = pytest.mark.parametrize("format_", [chat, gemini], ids=["chat", "gemini"])
RPC = "type.googleapis.com/google.rpc."

BAD_KEY = "API key not valid. Please pass a valid API key."
RATIO = "generation_config.image_config.aspect_ratio"
BAD_RATIO = f"Invalid value at '{RATIO}', \"17:9\""
NO_SIGNATURE = "Image part is missing a thought_signature in content position 2, part position 1."
NO_PERMISSION = "Your API key does not have the required permissions."
NO_MODEL = (
    "models/gemini-9-image is not found for API version v1beta, "
    "or is not supported for generateContent."
)
QUOTA = "You exceeded your current quota, please check your plan and billing details."
OVERLOADED = "The model is overloaded. Please try again later."
BLOCKED = "Your request was rejected by the safety system. safety_violations=[violence]."


def openai(message: str, type_: str, code: str | None = None, param: str | None = None) -> Any:
    return {"error": {"message": message, "type": type_, "param": param, "code": code}}


def google(code: int, message: str, status: str, *details: dict[str, Any]) -> Any:
    found: dict[str, Any] = {"code": code, "message": message, "status": status}
    return {"error": {**found, "details": list(details)} if details else found}


def field(name: str, message: str) -> dict[str, Any]:
    violation = {"field": name, "description": message}
    return {"@type": RPC + "BadRequest", "fieldViolations": [violation]}


def reason(code: str) -> dict[str, Any]:
    return {"@type": RPC + "ErrorInfo", "reason": code, "domain": "openai"}


def body(written: WireResponse) -> Any:
    return msgspec.json.decode(bytes(written.body))


# OpenAI sample -> status, what it is for Gemini
FROM_OPENAI: dict[str, tuple[int, Any]] = {
    "400_invalid_model_seed": (
        400,
        google(
            400,
            "Invalid value for 'model'",
            "INVALID_ARGUMENT",
            field("model", "Invalid value for 'model'"),
            reason("invalid_model"),
        ),
    ),
    "400_moderation_blocked": (
        200,
        {"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": BLOCKED}]},
    ),
    "400_unknown_parameter": (
        400,
        google(
            400,
            "Unknown parameter: 'response_format'.",
            "INVALID_ARGUMENT",
            field("response_format", "Unknown parameter: 'response_format'."),
            reason("unknown_parameter"),
        ),
    ),
    "401_invalid_api_key": (401, google(401, "Incorrect API key provided.", "UNAUTHENTICATED")),
    "429_insufficient_quota": (
        429,
        google(
            429,
            "You exceeded your current quota.",
            "RESOURCE_EXHAUSTED",
            reason("credit_balance_exhausted"),
        ),
    ),
    "429_rate_limit": (
        429,
        google(429, "Rate limit reached for images per minute.", "RESOURCE_EXHAUSTED"),
    ),
    "500_server_error": (
        500,
        google(500, "The server had an error while processing your request.", "INTERNAL"),
    ),
}
FINAL = {"x-should-retry": "false"}
# Google sample -> status, body and headers of OpenAI's
FROM_GOOGLE: dict[str, tuple[int, Any, dict[str, str]]] = {
    "400_api_key_invalid": (
        401,
        openai(BAD_KEY, "invalid_request_error", "invalid_api_key"),
        FINAL,
    ),
    "400_field_violation": (
        400,
        openai(BAD_RATIO, "invalid_request_error", param=RATIO),
        FINAL,
    ),
    "400_seed": (400, openai("body must be valid JSON", "invalid_request_error"), FINAL),
    "400_thought_signature_missing": (400, openai(NO_SIGNATURE, "invalid_request_error"), FINAL),
    "400_wrapped_in_list": (400, openai("body must be valid JSON", "invalid_request_error"), FINAL),
    "403_permission_denied": (403, openai(NO_PERMISSION, "permission_error"), FINAL),
    "404_not_found": (404, openai(NO_MODEL, "invalid_request_error", "model_not_found"), FINAL),
    "429_quota_retryinfo": (
        429,
        openai(QUOTA, "rate_limit_error", "rate_limit_exceeded"),
        {"retry-after": "35", "retry-after-ms": "34075"},
    ),
    "503_unavailable": (
        503,
        openai(OVERLOADED, "service_unavailable_error", "server_is_overloaded"),
        {},
    ),
}


def sample(vendor: str, name: str) -> tuple[bytes, int]:
    return (DATA / f"{vendor}_error_{name}.json").read_bytes(), int(name[:3])


class TestSamples:
    def test_every_sample_has_its_row(self) -> None:
        """A new sample wants an expectation."""
        named = {f"openai_error_{name}" for name in FROM_OPENAI}
        named |= {f"google_error_{name}" for name in FROM_GOOGLE}

        assert {path.stem for path in DATA.glob("*error*.json")} == named

    @pytest.mark.parametrize("name", FROM_OPENAI)
    def test_openai_to_openai_changes_nothing(self, name: str) -> None:
        """A well-formed envelope keeps its status, code and type, and what is beside them."""
        raw, status = sample("openai", name)
        written = chat.write_failure(chat.read_failure(raw, status=status))

        assert (status, msgspec.json.decode(raw)) == (written.status, body(written))

    @pytest.mark.parametrize("name", FROM_OPENAI)
    def test_openai_to_gemini(self, name: str) -> None:
        """By the table; a code without a twin travels in ErrorInfo, a param in BadRequest."""
        raw, status = sample("openai", name)
        written = gemini.write_failure(chat.read_failure(raw, status=status))

        assert FROM_OPENAI[name] == (written.status, body(written))

    @pytest.mark.parametrize("name", FROM_GOOGLE)
    def test_google_to_openai(self, name: str) -> None:
        """By the table, with headers that tell the SDK when to try again."""
        raw, status = sample("google", name)
        written = chat.write_failure(gemini.read_failure(raw, status=status))
        expected_status, expected, headers = FROM_GOOGLE[name]

        assert (expected_status, expected) == (written.status, body(written))
        assert {"content-type": "application/json", **headers} == written.headers

    @pytest.mark.parametrize("name", FROM_GOOGLE)
    def test_google_to_google_changes_nothing(self, name: str) -> None:
        """Details included; only the list around it goes."""
        raw, status = sample("google", name)
        document = msgspec.json.decode(raw)
        expected = document[0] if isinstance(document, list) else document
        written = gemini.write_failure(gemini.read_failure(raw, status=status))

        assert (status, expected) == (written.status, body(written))

    @pytest.mark.parametrize("name", sorted(FROM_OPENAI.keys() - {"400_moderation_blocked"}))
    def test_openai_through_gemini_and_back(self, name: str) -> None:
        """Kind, param and the whole reply survive the detour."""
        raw, status = sample("openai", name)
        there = gemini.write_failure(chat.read_failure(raw, status=status))
        back = chat.write_failure(gemini.read_failure(bytes(there.body), status=there.status))
        expected = msgspec.json.decode(raw)["error"]

        assert (expected["code"] or None, expected["param"]) == (
            body(back)["error"]["code"],
            body(back)["error"]["param"],
        )


class TestKinds:
    @pytest.mark.parametrize(
        ("status", "type_", "code", "expected"),
        [
            (429, "insufficient_quota", "organization_spend_limit_exceeded", K.QUOTA),
            (429, "requests", "project_spend_limit_exceeded", K.QUOTA),
            (429, "requests", "organization_usage_limit_exceeded", K.QUOTA),
            (429, "billing_limit_user_error", "billing_hard_limit_reached", K.QUOTA),
            (429, "requests", "slow_down", K.RATE_LIMIT),
            (400, "invalid_request_error", "content_policy_violation", K.CONTENT_BLOCKED),
            (400, "image_generation_user_error", "invalid_value", K.INVALID_REQUEST),
            (404, "invalid_request_error", "model_not_found", K.NOT_FOUND),
            (401, "authentication_error", None, K.AUTHENTICATION),
            (404, "not_found_error", None, K.NOT_FOUND),
            (529, "overloaded_error", None, K.UNAVAILABLE),
            (409, "invalid_request_error", None, K.EXISTS),
            (409, "conflict", None, K.CONFLICT),
            (502, "upstream_error", None, K.INTERNAL),
        ],
    )
    def test_openai_types_and_codes(
        self, status: int, type_: str, code: str | None, expected: K
    ) -> None:
        """Codes first, then types, Anthropic's included, then the status."""

        assert expected == chat.read_failure(openai("m", type_, code), status=status).kind

    @pytest.mark.parametrize(
        ("quota", "expected"),
        [
            ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", (K.QUOTA, False)),
            ("GenerateRequestsPerMinutePerProjectPerModel", (K.RATE_LIMIT, True)),
            (None, (K.RATE_LIMIT, True)),
        ],
    )
    def test_a_daily_quota_is_not_worth_a_retry(
        self, quota: str | None, expected: tuple[K, bool]
    ) -> None:
        """A 429 whose QuotaFailure has a per-day quotaId is quota."""
        detail = {"@type": RPC + "QuotaFailure", "violations": ["?", {"quotaId": quota}]}
        failure = gemini.read_failure(google(429, "m", "RESOURCE_EXHAUSTED", detail), status=429)

        assert expected == (failure.kind, failure.retryable)

    def test_a_billing_code_on_a_google_429_is_quota(self) -> None:
        """A 429 with an OpenAI billing code is quota, whichever envelope carries it."""
        document = google(429, "m", "RESOURCE_EXHAUSTED", reason("billing_hard_limit_reached"))

        assert K.QUOTA == gemini.read_failure(document, status=429).kind

    @pytest.mark.parametrize(
        ("message", "expected"), [("no such model", "model_not_found"), ("no such file", None)]
    )
    def test_only_a_missing_model_is_model_not_found(
        self, message: str, expected: str | None
    ) -> None:
        """``model_not_found`` if about a model."""
        written = chat.write_failure(Failure(kind=K.NOT_FOUND, message=message, status=404))

        assert expected == body(written)["error"]["code"]

    def test_a_code_of_openai_is_carried_both_ways(self) -> None:
        """In ``ErrorInfo{reason, domain: "openai"}``; other domains are Google's own."""
        foreign = {"@type": RPC + "ErrorInfo", "reason": "X", "domain": "googleapis.com"}
        document = google(400, "m", "INVALID_ARGUMENT", foreign, reason("image_too_large"))
        failure = gemini.read_failure(document, status=400)

        assert "image_too_large" == body(chat.write_failure(failure))["error"]["code"]

    @pytest.mark.parametrize(
        "violations",
        [[{"field": "size"}], ["?", {"field": ""}, {"field": 7}, {"field": "size"}]],
        ids=["plain", "after-nonsense"],
    )
    def test_the_first_field_violation_is_the_param(self, violations: list[Any]) -> None:
        """``BadRequest.fieldViolations[0].field``."""
        detail = {"@type": RPC + "BadRequest", "fieldViolations": violations}
        document = google(400, "m", "INVALID_ARGUMENT", detail)

        assert "size" == gemini.read_failure(document, status=400).param


class TestEnvelopes:
    def test_a_body_without_type_goes_by_the_table(self) -> None:
        """A relay's ``{code: 429, message}`` is no well-formed envelope."""
        document = {"error": {"message": "m", "code": 429}}
        written = chat.write_failure(chat.read_failure(document, status=429))

        assert openai("m", "rate_limit_error", "rate_limit_exceeded") == body(written)

    def test_empty_texts_are_null(self) -> None:
        """Gateways write "" for null."""
        document = openai("m", "x", "", "")
        written = chat.write_failure(chat.read_failure(document, status=400))

        assert openai("m", "x") == body(written)

    @pytest.mark.parametrize(
        "document",
        [
            google(400, "m", "NOT_FOUND"),
            {"error": {"message": "m", "status": "NOT_FOUND"}},
            {"error": {"code": 404, "message": "m", "status": "NOT_FOUND"}},
        ],
        ids=["wrong-code", "no-code", "right"],
    )
    def test_what_we_write_to_gemini_agrees(self, document: dict[str, Any]) -> None:
        """``code``, HTTP status and ``status``, even if the upstream's did not."""
        written = gemini.write_failure(gemini.read_failure(document, status=404))

        assert (404, google(404, "m", "NOT_FOUND")) == (written.status, body(written))

    def test_another_formats_details_are_not_written(self) -> None:
        """OpenAI's keys beside the four stay in OpenAI's envelope."""
        document = {"error": {"message": "m", "type": "server_error", "trace": "t"}}
        failure = chat.read_failure(document, status=500)

        assert google(500, "m", "INTERNAL") == body(gemini.write_failure(failure))


NESTED = r'{"error":{"message":"{\"error\":{\"message\":\"deep\",\"code\":400}}","code":500}}'
SPEECHLESS = "the upstream answered with HTTP status 502 and no message"


class TestBodies:
    @FORMATS
    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            pytest.param(b'[{"error":{"message":"listed"}}]', "listed", id="list"),
            pytest.param(b'{"error":"words"}', "words", id="error-is-a-string"),
            pytest.param(b'{"error":["x"]}', "x", id="error-is-a-list"),
            pytest.param(b'{"message":"flat"}', "flat", id="no-envelope"),
            pytest.param(
                b'{"error":{"message":5}}', '{"error":{"message":5}}', id="message-is-a-number"
            ),
            pytest.param(b"[]", SPEECHLESS, id="empty-list"),
            pytest.param(b"{}", SPEECHLESS, id="empty-object"),
            pytest.param(b"", SPEECHLESS, id="empty"),
            pytest.param(b" \n", SPEECHLESS, id="white-space"),
            pytest.param(b" upstream connect error ", "upstream connect error", id="plain-text"),
            pytest.param("plain words", "plain words", id="plain-str"),
            pytest.param(bytearray(b"bytes"), "bytes", id="bytearray"),
            pytest.param(memoryview(b"view"), "view", id="memoryview"),
            pytest.param(memoryview(b"v-i-e-w-")[::2], "view", id="memoryview-with-gaps"),
            pytest.param(b"\xff words", "\ufffd words", id="bad-utf-8"),
            pytest.param(
                b"<html><head><title>502 Bad Gateway</title></head><body>x</body></html>",
                "502 Bad Gateway",
                id="html",
            ),
            pytest.param(b"<html><body>x</body></html>", "x", id="html-without-title"),
            pytest.param({"error": {"message": "mapped"}}, "mapped", id="mapping"),
            pytest.param(NESTED, "deep", id="nested"),
            pytest.param(
                {"error": {"message": NESTED.replace("deep", "deeper")}}, "deeper", id="twice"
            ),
            pytest.param({"error": {"message": {"error": {"message": "in"}}}}, "in", id="object"),
            pytest.param(b'\xef\xbb\xbf{"error":"marked"}', "marked", id="byte-order-mark"),
            pytest.param({"error": {"message": "{not json"}}, "{not json", id="brace"),
            pytest.param({"error": {"message": "[Client] no"}}, "[Client] no", id="bracket"),
        ],
    )
    def test_the_words_of_any_body_are_found(self, format_: Any, raw: Any, expected: str) -> None:
        """Lists, HTML, empty and plain-text bodies, and JSON nested in ``message``."""

        assert expected == format_.read_failure(raw, status=502).message

    @FORMATS
    def test_a_fourth_level_is_left_alone(self, format_: Any) -> None:
        """Three levels at most."""
        document: Any = {"error": {"message": "bottom"}}
        for _ in range(4):
            document = {"error": {"message": msgspec.json.encode(document).decode()}}

        assert (
            '{"error":{"message":"bottom"}}' == format_.read_failure(document, status=500).message
        )

    def test_json_that_is_no_error_stays_a_message(self) -> None:
        """Only a JSON *error* is taken out of ``message``."""
        document = openai('{"size": "17x4"}', "invalid_request_error", "invalid_value", "size")
        written = chat.write_failure(chat.read_failure(document, status=400))

        assert document == body(written)

    @FORMATS
    @pytest.mark.parametrize(
        "raw",
        ["\udcff oops", {"error": {"message": "\udcff oops"}}, b"[" * 100_000],
        ids=["surrogate", "surrogate-in-a-mapping", "too-deep"],
    )
    def test_no_body_breaks_the_writer(self, format_: Any, raw: Any) -> None:
        """An upstream's body is data, never an exception."""
        written = format_.write_failure(format_.read_failure(raw, status=500))

        assert 500 == written.status

    @FORMATS
    def test_upstream_words_are_cleaned(self, format_: Any) -> None:
        """No keys and no control characters leave in a message."""
        key = "sk-" + "a1" * 20
        failure = format_.read_failure({"error": {"message": f"bad\x00 key {key}"}}, status=401)

        assert "bad key <key>" == failure.message
