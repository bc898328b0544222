"""Retry hints and request ids, between headers, details and messages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bodies import details, error
from imagewire import chat, gemini
from imagewire.model import Failure, FailureKind
from imagewire.rules.retry import read_duration, read_request_id

K = FailureKind


class TestRetryHints:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("39s", 39.0),
            ("1.5s", 1.5),
            ("45.837906927s", 45.837906927),
            ("373.8ms", 0.3738),
            ("0s", 0.0),
            ("999999s", 86_400.0),
            ("-5s", 0.0),
            ("39", None),
            ("1m", None),
            ("", None),
            (39, None),
            (None, None),
        ],
    )
    def test_durations_are_seconds(self, text: object, expected: float | None) -> None:
        """``s`` and ``ms``, clamped to 0..86 400 s."""

        assert expected == read_duration(text)

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            pytest.param({"retry-after": "35"}, 35.0, id="seconds"),
            pytest.param({"Retry-After": "1.5"}, 1.5, id="fraction"),
            pytest.param({"Retry-After": "35", "retry-after-ms": "34075"}, 34.075, id="ms-first"),
            pytest.param({"retry-after": "1000000"}, 86_400.0, id="too-long"),
            pytest.param({"retry-after": "-3"}, 0.0, id="negative"),
            pytest.param({"retry-after": "nan"}, None, id="nan"),
            pytest.param({"retry-after": "soon"}, None, id="words"),
            pytest.param({"retry-after": " "}, None, id="empty"),
            pytest.param({"retry-after-ms": "soon", "retry-after": "5"}, 5.0, id="bad-ms"),
            pytest.param(
                {
                    "date": "Wed, 21 Oct 2026 07:28:00 GMT",
                    "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT",
                },
                30.0,
                id="http-date",
            ),
            pytest.param(
                {
                    "date": "Wed, 21 Oct 2026 07:28:30 GMT",
                    "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
                },
                0.0,
                id="http-date-in-the-past",
            ),
            pytest.param(
                {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None, id="http-date-without-date"
            ),
            pytest.param(
                {
                    "date": "Wed, 21 Oct 2026 07:28:00 GMT",
                    "retry-after": "Wed, 21 Oct 2026 07:28:00 +99999999999999999999",
                },
                None,
                id="http-date-of-no-zone",
            ),
            pytest.param({}, None, id="none"),
        ],
    )
    @pytest.mark.parametrize("format_", [chat, gemini], ids=["chat", "gemini"])
    def test_headers_tell_the_delay(
        self, format_: Any, headers: dict[str, str], expected: float | None
    ) -> None:
        """``retry-after-ms`` before ``Retry-After``; a date counts from the ``Date`` header."""

        assert expected == format_.read_failure(b"", status=429, headers=headers).retry_after

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ("Quota exceeded. Please retry in 45.837906927s.", 45.837906927),
            ("Please retry in 373.8ms.", 0.3738),
            ("Retry in 39s", 39.0),
            ("Try later.", None),
        ],
    )
    @pytest.mark.parametrize("format_", [chat, gemini], ids=["chat", "gemini"])
    def test_the_message_may_tell_it(
        self, format_: Any, message: str, expected: float | None
    ) -> None:
        """ "retry in 45.8s" in the message."""
        body = {"error": {"message": message}}

        assert expected == format_.read_failure(body, status=429).retry_after

    def test_retry_info_comes_before_headers_and_words(self) -> None:
        """RetryInfo is Google's own word."""
        info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "39s"}
        body = {"error": {"message": "retry in 1s", "details": [{"@type": "x"}, info]}}
        failure = gemini.read_failure(body, status=429, headers={"retry-after": "7"})

        assert 39.0 == failure.retry_after

    @pytest.mark.parametrize(
        ("seconds", "whole", "ms", "duration"),
        [
            (39.0, "39", "39000", "39s"),
            (1.5, "2", "1500", "1.500s"),
            (45.837906927, "46", "45838", "45.837906927s"),
            (0.3738, "1", "374", "0.373800s"),
            (2.007, "3", "2007", "2.007s"),
            (0.0, "0", "0", "0s"),
            (86_400.0, "86400", "86400000", "86400s"),
        ],
    )
    def test_a_delay_is_written_in_every_dialect(
        self, seconds: float, whole: str, ms: str, duration: str
    ) -> None:
        """Whole seconds rounded up, milliseconds, and a Duration of 0, 3, 6 or 9 decimals."""
        failure = Failure(kind=K.RATE_LIMIT, message="m", status=429, retry_after=seconds)
        headers = chat.write_failure(failure).headers
        infos = details(gemini.write_failure(failure), "RetryInfo")

        assert (whole, ms) == (headers["retry-after"], headers["retry-after-ms"])
        assert [duration] == [info["retryDelay"] for info in infos]

    def test_no_delay_writes_no_hint(self) -> None:
        """Nothing is invented."""
        failure = Failure(kind=K.RATE_LIMIT, message="m", status=429, retryable=True)

        assert {"content-type": "application/json"} == chat.write_failure(failure).headers
        assert "details" not in error(gemini.write_failure(failure))

    @pytest.mark.parametrize(
        ("status", "header", "expected"),
        [
            (429, None, True),
            (429, "false", False),
            (429, "true", True),
            (400, None, False),
            (400, "TRUE", True),
        ],
    )
    def test_x_should_retry_overrides_the_table(
        self,
        status: int,
        header: str | None,
        expected: bool,  # noqa: FBT001
    ) -> None:
        """The upstream's own word wins."""
        headers = {} if header is None else {"X-Should-Retry": header}

        assert expected == chat.read_failure(b"", status=status, headers=headers).retryable


class TestRequestIds:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("req_1.a:b-C", "req_1.a:b-C"),
            ("x" * 128, "x" * 128),
            ("x" * 129, None),
            ("", None),
            ("a b", None),
            ("a\r\nx: y", None),
            (7, None),
            (None, None),
        ],
    )
    def test_only_what_is_safe_in_a_header_is_kept(
        self, text: object, expected: str | None
    ) -> None:
        """``[A-Za-z0-9._:-]{1,128}``."""

        assert expected == read_request_id(text)

    @pytest.mark.parametrize("format_", [chat, gemini], ids=["chat", "gemini"])
    def test_the_header_is_read(self, format_: Any) -> None:
        """``x-request-id`` in any case."""
        failure = format_.read_failure(b"", status=500, headers={"X-Request-Id": "req_1"})

        assert "req_1" == failure.request_id

    def test_request_info_is_read_first(self) -> None:
        """Google's own detail, unless it is unsafe."""
        infos = [{"requestId": "a b"}, {"requestId": "req_2"}]
        body = {"error": {"message": "m", "details": infos}}

        assert "req_2" == gemini.read_failure(body, status=500).request_id

    def test_it_is_carried_to_both(self) -> None:
        """A header on the OpenAI faces, RequestInfo on Gemini's."""
        failure = Failure(kind=K.INTERNAL, message="m", status=500, request_id="req_1")

        assert "req_1" == chat.write_failure(failure).headers["x-request-id"]
        assert ["req_1"] == [
            item["requestId"] for item in details(gemini.write_failure(failure), "RequestInfo")
        ]

    def test_headers_beside_details_are_carried_to_gemini_too(self) -> None:
        """Request id and delay from headers survive where the body has details of its own."""
        link = {"@type": "type.googleapis.com/google.rpc.Help", "links": []}
        body = {
            "error": {
                "code": 429,
                "message": "m",
                "status": "RESOURCE_EXHAUSTED",
                "details": [link],
            }
        }
        read = gemini.read_failure(
            body, status=429, headers={"x-request-id": "req_1", "retry-after": "5"}
        )
        again = gemini.read_failure(bytes(gemini.write_failure(read).body), status=429)

        assert ("req_1", 5.0) == (again.request_id, again.retry_after)


class TestDetails:
    @pytest.mark.parametrize(
        ("format_", "body"),
        [
            pytest.param(chat, {"message": "m", "type": "x", "debug": ["key {}"]}, id="openai"),
            pytest.param(
                gemini,
                {
                    "code": 500,
                    "message": "m",
                    "status": "INTERNAL",
                    "details": [{"@type": "DebugInfo", "detail": "key {}", "count": 1}],
                },
                id="google",
            ),
        ],
    )
    def test_keys_are_masked_wherever_they_stand(self, format_: Any, body: dict[str, Any]) -> None:
        """Upstream texts pass with key-shaped runs masked, in details too."""
        key = "sk-" + "a1" * 20
        text = msgspec.json.encode({"error": body}).decode().replace("{}", key)
        written = bytes(format_.write_failure(format_.read_failure(text, status=500)).body)

        assert (False, True) == (key.encode() in written, b"key <key>" in written)
