from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from imagewire import errors
from imagewire.errors import TranslationError
from imagewire.loss import CONTENT, METADATA, Loss, LossCode, LossLevel, lost
from imagewire.model import FailureKind

KINDS = [
    errors.MalformedError,
    errors.UnsupportedError,
    errors.InvalidModelError,
    errors.InexpressibleError,
    errors.CredentialError,
]
FACES = pytest.mark.parametrize("target", ["chat", "gemini"])


def rendered(error: TranslationError, target: str) -> tuple[int, Any]:
    reply = imagewire.render_error(error, target=target)
    return reply.status, msgspec.json.decode(bytes(reply.body))["error"]


class TestAttributes:
    @pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
    def test_all_are_translation_errors_with_a_status(self, kind: type[TranslationError]) -> None:
        """400 is the client's fault, 401 two keys that differ."""
        error = kind("no", path="$.n")
        expected = 401 if kind is errors.CredentialError else 400

        assert isinstance(error, TranslationError)
        assert (expected, "n", "no") == (error.status, error.param, error.message)

    @pytest.mark.parametrize(
        ("path", "param", "text"),
        [
            ("$", None, "no"),
            ("$.n", "n", "no - at `$.n`"),
            ("$.contents[0].parts[1]", "contents[0].parts[1]", "no - at `$.contents[0].parts[1]`"),
            ("$[1].error", "[1].error", "no - at `$[1].error`"),
        ],
    )
    def test_param_is_the_path_without_its_root(
        self, path: str, param: str | None, text: str
    ) -> None:
        """And the text names the path."""
        error = errors.MalformedError("no", path=path)

        assert (param, text) == (error.param, str(error))

    def test_inexpressible_names_the_urls_to_fetch(self) -> None:
        """``.urls``, each once and in order."""
        error = errors.InexpressibleError("fetch them", urls=["https://a.example/1.png"])

        assert ("https://a.example/1.png",) == error.urls

    def test_lossy_carries_the_losses_that_mattered(self) -> None:
        """Its path is that of the first."""
        losses = [
            lost(LossCode.NO_SUCH_SETTING, "$.seed", "no seed"),
            lost(LossCode.EARLIER_TURN, "$.messages[0]", "earlier"),
        ]
        error = errors.LossyError(losses)

        assert ("seed", 400, tuple(losses)) == (error.param, error.status, error.losses)
        assert "DROPPED $.seed: no seed; DROPPED $.messages[0]: earlier" == error.message

    def test_only_a_model_error_has_a_code(self) -> None:
        """``invalid_model``, from the product's page."""

        assert {errors.InvalidModelError} == {kind for kind in KINDS if kind.code is not None}


class TestFailures:
    @pytest.mark.parametrize("kind", KINDS[:-1], ids=lambda kind: kind.__name__)
    def test_the_clients_fault_is_an_invalid_request(self, kind: type[TranslationError]) -> None:
        """As a value, ready for any format."""
        failure = kind("no", path="$.n").failure

        assert (FailureKind.INVALID_REQUEST, 400, "no", "n", False) == (
            failure.kind,
            failure.status,
            failure.message,
            failure.param,
            failure.retryable,
        )

    def test_the_upstreams_fault_is_a_502_that_is_not_retried(self) -> None:
        """A malformed body of a billed image must not be bought three times."""
        error = errors.MalformedError("no", path="$.candidates")
        error.blame_upstream()
        failure = error.failure

        assert (502, FailureKind.INTERNAL, False) == (
            failure.status,
            failure.kind,
            failure.retryable,
        )


class TestUpstreamsFault:
    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ("body must be valid JSON", "the upstream's reply is not valid JSON"),
            ("`data` has no images", "the upstream's reply is malformed: `data` has no images"),
        ],
    )
    def test_the_message_says_whose_fault_it_is(self, message: str, expected: str) -> None:
        """Once, however often it is said: the client's body was fine."""
        error = errors.MalformedError(message)
        error.blame_upstream()
        error.blame_upstream()

        assert (expected, expected) == (error.message, str(error))


class TestRender:
    @FACES
    def test_no_json_is_the_products_own_body(self, target: str) -> None:
        """On the Gemini face exactly; the same message on the others."""
        google = {"code": 400, "message": "body must be valid JSON", "status": "INVALID_ARGUMENT"}
        openai = {
            "message": "body must be valid JSON",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
        with pytest.raises(errors.MalformedError) as caught:
            imagewire.translate_request(b"{", source=target, target="chat", model="m")

        assert (400, {"chat": openai, "gemini": google}[target]) == rendered(caught.value, target)

    def test_an_invalid_model_is_the_pages_body(self) -> None:
        """Word for word."""
        error = errors.InvalidModelError("no model was named", path="$.model")
        expected = {
            "message": "Invalid value for 'model'",
            "type": "invalid_request_error",
            "param": "model",
            "code": "invalid_model",
        }

        assert (400, expected) == rendered(error, "chat")

    def test_elsewhere_an_invalid_model_says_why(self) -> None:
        """The page has no words for the Gemini face."""
        error = errors.InvalidModelError("no model was named", path="$.model")

        assert "no model was named - at `$.model`" == str(error)
        assert "no model was named" == rendered(error, "gemini")[1]["message"]

    def test_two_keys_are_an_authentication_error(self) -> None:
        """401 in both dialects."""
        error = errors.CredentialError("two keys")

        assert (401, "invalid_api_key") == (
            rendered(error, "chat")[0],
            rendered(error, "chat")[1]["code"],
        )
        assert (401, {"code": 401, "message": "two keys", "status": "UNAUTHENTICATED"}) == rendered(
            error, "gemini"
        )

    @pytest.mark.parametrize(
        ("target", "expected"), [("chat", (502, None)), ("gemini", (500, 500))]
    )
    def test_an_upstreams_fault_in_both_dialects(
        self, target: str, expected: tuple[int, int | None]
    ) -> None:
        """OpenAI faces keep the number, Gemini writes the canonical one."""
        error = errors.MalformedError("empty reply")
        error.blame_upstream()
        status, found = rendered(error, target)

        assert expected == (status, found["code"])

    def test_an_upstreams_fault_is_not_retried_by_openais_sdk(self) -> None:
        """``x-should-retry: false``: MalformedError 502 too."""
        error = errors.MalformedError("empty reply")
        error.blame_upstream()
        reply = imagewire.render_error(error, target="chat")

        assert {"content-type": "application/json", "x-should-retry": "false"} == reply.headers

    @FACES
    @pytest.mark.parametrize("upstream", [False, True], ids=["client", "upstream"])
    def test_structural_errors_name_path_and_field(self, target: str, upstream: bool) -> None:  # noqa: FBT001
        """Wherever the fault is."""
        error = errors.MalformedError("invalid base64", path="$.candidates[0].data")
        if upstream:
            error.blame_upstream()

        assert "candidates[0].data" in str(rendered(error, target)[1])


class TestLosses:
    @pytest.mark.parametrize(
        ("loss", "expected"),
        [
            (lost(LossCode.NO_SUCH_SETTING, "$.a", "x"), "setting"),
            (lost(LossCode.EARLIER_TURN, "$.a", "x"), "content"),
            (lost(LossCode.WRONG_MEDIA_TYPE, "$.a", "x"), "metadata"),
            (lost(LossCode.MISSING_TIME, "$.a", "x"), "metadata"),
        ],
    )
    def test_losses_have_a_level(self, loss: Loss, expected: str) -> None:
        """What the caller asked for is a setting; bookkeeping is metadata."""

        assert expected == loss.level

    @pytest.mark.parametrize(
        "text",
        ["sk-" + "a1" * 20, "iVBORw0KGgo" * 40, "a\x1bb"],
        ids=["key", "payload", "control-character"],
    )
    @pytest.mark.parametrize("code", LossCode)
    def test_details_never_hold_a_credential_or_a_payload(self, code: LossCode, text: str) -> None:
        """Texts we compose quote nothing secret and nothing endless."""

        assert text not in lost(code, "$.a", "`{}` is not written", text).detail

    def test_details_stay_sentences(self) -> None:
        """However long the value that they quote."""

        assert len(lost(LossCode.EARLIER_TURN, "$.a", "{}", "word " * 5000).detail) <= 4096

    def test_content_matters_most(self) -> None:
        """Then settings, then metadata."""

        assert [CONTENT, LossLevel.SETTING, METADATA] == sorted(LossLevel, key=lambda x: x.rank)
