"""The table of failures, both ways; retry hints; request ids. Bodies: ``test_failure_bodies``."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec import structs

import imagewire
from bodies import error
from imagewire import chat, gemini
from imagewire.model import Failure, FailureKind
from imagewire.rules.failures import TABLE, kind_of_status

K = FailureKind
INVALID, SERVER = "invalid_request_error", "server_error"
BILL, RATE, SPENT = "billing_limit_user_error", "rate_limit_error", "insufficient_quota"
BUSY, REFUSED = "service_unavailable_error", "image_generation_user_error"


class Row(NamedTuple):
    kind: FailureKind
    http: int
    google: str
    google_http: int
    type: str
    code: str | None
    retryable: bool


ROWS = [
    Row(K.INVALID_REQUEST, 400, "INVALID_ARGUMENT", 400, INVALID, None, False),
    Row(K.PRECONDITION, 400, "FAILED_PRECONDITION", 400, INVALID, None, False),
    Row(K.AUTHENTICATION, 401, "UNAUTHENTICATED", 401, INVALID, "invalid_api_key", False),
    Row(K.BILLING, 400, "FAILED_PRECONDITION", 400, BILL, "billing_hard_limit_reached", False),
    Row(K.PERMISSION, 403, "PERMISSION_DENIED", 403, "permission_error", None, False),
    Row(K.NOT_FOUND, 404, "NOT_FOUND", 404, INVALID, None, False),
    Row(K.TIMEOUT, 504, "DEADLINE_EXCEEDED", 504, SERVER, "timeout", True),
    Row(K.TIMEOUT, 408, "DEADLINE_EXCEEDED", 504, SERVER, "timeout", True),
    Row(K.EXISTS, 409, "ALREADY_EXISTS", 409, INVALID, None, False),
    Row(K.CONFLICT, 409, "ABORTED", 409, SERVER, None, True),
    Row(K.RATE_LIMIT, 429, "RESOURCE_EXHAUSTED", 429, RATE, "rate_limit_exceeded", True),
    Row(K.QUOTA, 429, "RESOURCE_EXHAUSTED", 429, SPENT, SPENT, False),
    Row(K.CANCELLED, 499, "CANCELLED", 499, SERVER, None, False),
    Row(K.INTERNAL, 500, "INTERNAL", 500, SERVER, None, True),
    Row(K.UNIMPLEMENTED, 501, "UNIMPLEMENTED", 501, INVALID, None, False),
    Row(K.UNAVAILABLE, 503, "UNAVAILABLE", 503, BUSY, "server_is_overloaded", True),
]
REFUSALS = [
    Row(K.CONTENT_BLOCKED, 400, "", 200, REFUSED, "moderation_blocked", False),
    Row(K.NO_IMAGE, 400, "", 200, REFUSED, "no_image_generated", False),
]
GOOGLE = pytest.mark.parametrize("row", ROWS, ids=[f"{row.kind}-{row.http}" for row in ROWS])
OPENAI = pytest.mark.parametrize(
    "row", ROWS + REFUSALS, ids=[f"{row.kind}-{row.http}" for row in ROWS + REFUSALS]
)


class TestTable:
    def test_every_kind_has_a_row(self) -> None:
        """Here and in the library."""

        assert set(FailureKind) == {row[0] for row in ROWS + REFUSALS} == set(TABLE)

    @OPENAI
    def test_a_kind_is_written_to_openai(self, row: Row) -> None:
        """Status, type and code of the row; all four keys always."""
        written = chat.write_failure(Failure(kind=row.kind, message="m", status=row.http))

        assert (row.http, {"message": "m", "type": row.type, "param": None, "code": row.code}) == (
            written.status,
            error(written),
        )

    @OPENAI
    def test_a_kind_is_read_from_openai(self, row: Row) -> None:
        """What the row writes says the kind again, unless two rows write the same."""
        body = {"error": {"message": "m", "type": row.type, "param": None, "code": row.code}}
        failure = chat.read_failure(body, status=row.http)
        expected = K.INVALID_REQUEST if row.kind is K.PRECONDITION else row.kind

        assert (expected, row.http, row.type, row.code, row.retryable) == (
            failure.kind,
            failure.status,
            failure.type,
            failure.code,
            failure.retryable,
        )

    @GOOGLE
    def test_a_kind_is_written_to_google(self, row: Row) -> None:
        """``code``, HTTP status and ``status`` always agree."""
        written = gemini.write_failure(Failure(kind=row.kind, message="m", status=row.http))
        found = error(written)

        assert (row.google_http, row.google_http, row.google, "m") == (
            written.status,
            found["code"],
            found["status"],
            found["message"],
        )

    @GOOGLE
    def test_a_kind_comes_back_from_google(self, row: Row) -> None:
        """Kinds that share a Google status are told apart by their OpenAI code."""
        written = gemini.write_failure(Failure(kind=row.kind, message="m", status=row.http))
        failure = gemini.read_failure(bytes(written.body), status=written.status)

        assert (row.kind, row.google, row.retryable) == (
            failure.kind,
            failure.native_status,
            failure.retryable,
        )

    @GOOGLE
    def test_a_google_status_alone_tells_a_kind(self, row: Row) -> None:
        """Without details, billing reads as a precondition and quota as a rate limit."""
        body = {"error": {"code": row.google_http, "message": "m", "status": row.google}}
        expected = {K.BILLING: K.PRECONDITION, K.QUOTA: K.RATE_LIMIT}.get(row.kind, row.kind)

        assert expected == gemini.read_failure(body, status=row.google_http).kind

    @OPENAI
    @pytest.mark.parametrize("told", [True, False], ids=["retryable", "final"])
    def test_what_is_not_retryable_says_so_to_openais_sdk(self, row: Row, told: bool) -> None:  # noqa: FBT001
        """Every failure that is not retryable carries ``x-should-retry: false``."""
        written = chat.write_failure(
            Failure(kind=row.kind, message="m", status=row.http, retryable=told)
        )

        assert (None if told else "false") == written.headers.get("x-should-retry")

    @pytest.mark.parametrize(
        ("native", "kind", "http", "retryable"),
        [
            ("OUT_OF_RANGE", K.INVALID_REQUEST, 400, False),
            ("UNKNOWN", K.INTERNAL, 500, True),
            ("DATA_LOSS", K.INTERNAL, 500, False),
        ],
    )
    def test_names_that_are_only_read_stay_in_their_envelope(
        self,
        native: str,
        kind: K,
        http: int,
        retryable: bool,  # noqa: FBT001
    ) -> None:
        """Google's other names go back to Google unchanged."""
        body = {"error": {"code": http, "message": "m", "status": native}}
        failure = gemini.read_failure(body, status=http)

        assert (kind, retryable) == (failure.kind, failure.retryable)
        assert body["error"] == error(gemini.write_failure(failure))


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            *((row[1], row[0]) for row in ROWS if row[1] not in {400, 409, 429}),
            (400, K.INVALID_REQUEST),
            (402, K.BILLING),
            (405, K.INVALID_REQUEST),
            (409, K.CONFLICT),
            (413, K.INVALID_REQUEST),
            (422, K.INVALID_REQUEST),
            (429, K.RATE_LIMIT),
            (502, K.INTERNAL),
            (529, K.INTERNAL),
        ],
    )
    def test_a_bare_status_tells_a_kind(self, status: int, expected: K) -> None:
        """Outside the table the class decides: 4xx invalid_request, 5xx internal."""

        assert expected == kind_of_status(status)

    @pytest.mark.parametrize(
        ("status", "google"), [(413, 400), (422, 400), (418, 400), (502, 500), (529, 500)]
    )
    def test_numbers_outside_the_table(self, status: int, google: int) -> None:
        """OpenAI faces keep the number, Gemini writes the canonical one."""
        failure = gemini.read_failure(b"", status=status)

        assert (status, google) == (
            chat.write_failure(failure).status,
            gemini.write_failure(failure).status,
        )

    def test_402_is_read_as_billing_and_written_as_400(self) -> None:
        """It is no status of these APIs."""
        failure = chat.read_failure(b"pay", status=402)

        assert (K.BILLING, 400) == (failure.kind, chat.write_failure(failure).status)

    def test_a_well_formed_402_is_kept_in_its_envelope(self) -> None:
        """A well-formed envelope keeps its status towards the same envelope."""
        body = {"error": {"message": "m", "type": "billing", "param": None, "code": None}}
        written = chat.write_failure(chat.read_failure(body, status=402))

        assert (402, body["error"]) == (written.status, error(written))

    def test_a_status_of_another_kind_gives_way_to_the_table(self) -> None:
        """Google's 400 for a bad key is OpenAI's 401."""
        failure = Failure(kind=K.AUTHENTICATION, message="m", status=400)

        assert 401 == chat.write_failure(failure).status


class TestRefusals:
    @pytest.mark.parametrize("stage", [None, "input"])
    def test_a_blocked_prompt_is_a_200_of_gemini(self, stage: Any) -> None:
        """``promptFeedback.blockReason`` SAFETY for stage input or unknown."""
        failure = Failure(kind=K.CONTENT_BLOCKED, message="no", status=400, stage=stage)
        written = gemini.write_failure(failure)
        body = msgspec.json.decode(bytes(written.body))

        assert (200, "SAFETY", ["promptFeedback"]) == (
            written.status,
            body["promptFeedback"]["blockReason"],
            list(body),
        )

    def test_a_blocked_picture_is_a_candidate(self) -> None:
        """IMAGE_SAFETY with ``finishMessage`` for stage output."""
        failure = Failure(kind=K.CONTENT_BLOCKED, message="no", status=400, stage="output")
        written = gemini.write_failure(failure)
        candidate = {"finishReason": "IMAGE_SAFETY", "finishMessage": "no"}

        assert (200, {"candidates": [candidate]}) == (
            written.status,
            msgspec.json.decode(bytes(written.body)),
        )

    def test_no_image_is_a_candidate_with_the_text(self) -> None:
        """NO_IMAGE and the text."""
        written = gemini.write_failure(Failure(kind=K.NO_IMAGE, message="no", status=400))
        content = {"role": "model", "parts": [{"text": "no"}]}

        assert (200, {"candidates": [{"content": content, "finishReason": "NO_IMAGE"}]}) == (
            written.status,
            msgspec.json.decode(bytes(written.body)),
        )

    @pytest.mark.parametrize("stage", ["input", "output"])
    def test_the_stage_is_kept_on_openais_faces(self, stage: Any) -> None:
        """``moderation_details.moderation_stage`` both ways."""
        failure = Failure(kind=K.CONTENT_BLOCKED, message="no", status=400, stage=stage)
        written = chat.write_failure(failure)
        again = chat.read_failure(bytes(written.body), status=written.status)

        assert (failure.kind, stage) == (again.kind, again.stage)

    def test_a_refusal_is_the_same_whoever_made_it(self) -> None:
        """Upstream replies and our own failures render alike."""
        body = {"error": {"message": "no", "type": "x", "code": "moderation_blocked"}}
        read = chat.read_failure(body, status=400)
        ours = Failure(kind=K.CONTENT_BLOCKED, message="no", status=400)

        assert gemini.write_failure(ours) == gemini.write_failure(structs.replace(read))


class TestSuccessStatuses:
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            ({"code": "moderation_blocked", "type": "x"}, (400, K.CONTENT_BLOCKED)),
            ({"code": None, "type": "rate_limit_error"}, (429, K.RATE_LIMIT)),
            ({"code": None, "type": "server_error"}, (500, K.INTERNAL)),
            ({"code": None, "type": "invalid_request_error"}, (400, K.INVALID_REQUEST)),
            ({"code": "invalid_model", "type": "invalid_request_error"}, (400, K.INVALID_REQUEST)),
            ({"code": 404}, (404, K.NOT_FOUND)),
            ({"code": "503"}, (503, K.UNAVAILABLE)),
            ({"code": 7}, (500, K.INTERNAL)),
            ({}, (500, K.INTERNAL)),
        ],
    )
    def test_openais_body_tells_the_status(
        self, error: dict[str, Any], expected: tuple[int, K]
    ) -> None:
        """The row of the table that the type and code name, else 500."""
        failure = chat.read_failure({"error": {"message": "m", **error}}, status=200)

        assert expected == (failure.status, failure.kind)

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            ({"code": 503, "status": "UNAVAILABLE"}, (503, K.UNAVAILABLE)),
            ({"code": "429", "status": "RESOURCE_EXHAUSTED"}, (429, K.RATE_LIMIT)),
            ({"code": 404}, (404, K.NOT_FOUND)),
            ({"code": 7}, (500, K.INTERNAL)),
            ({}, (500, K.INTERNAL)),
        ],
    )
    def test_googles_code_is_the_status(
        self, error: dict[str, Any], expected: tuple[int, K]
    ) -> None:
        """Google's ``code``, a number also as a string; else 500."""
        failure = gemini.read_failure({"error": {"message": "m", **error}}, status=200)

        assert expected == (failure.status, failure.kind)

    @pytest.mark.parametrize("source", ["chat", "gemini"])
    @pytest.mark.parametrize(
        "body", [b'{"error":{"message":"m","code":503}}', {"error": {"message": "m", "code": 503}}]
    )
    def test_a_200_with_an_error_is_a_failure(self, source: str, body: Any) -> None:
        """2xx with a top-level ``error`` is no success."""
        reply = imagewire.translate_response(body, source=source, target="chat", status=200)

        assert reply.failure is not None
        assert (503, K.UNAVAILABLE) == (reply.status, reply.failure.kind)
