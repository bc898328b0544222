"""Every code of a loss, met in a translation, with the sentence that a person reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hub
import imagewire
from batch_lines import gemini, one, responses
from imagewire import LossCode, LossKind, LossLevel
from imagewire.loss import Loss, lost
from imagewire.model import Image, Part
from loss_case import Case
from loss_cases import CASES

SOURCES = Path(imagewire.__file__).parent
C = LossCode

#: What no translation of one body gives: the hub's own value, and a line of a batch.
OTHERS = {C.UPLOADED_FILE, C.MISSING_CONTEXT, C.PARTIAL_USAGE}


class TestLossCodes:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
    def test_a_code_is_met_with_a_sentence_for_people(self, case: Case) -> None:
        losses = {loss.code: loss.detail for loss in case.losses()}

        assert case.detail == losses[case.code]

    def test_an_uploaded_file_is_met_in_a_reply_of_the_hub(self) -> None:
        """No format's reply holds one."""
        image = Part(image=Image(file_id="file-1"))
        losses = imagewire.images.write_response(hub.response(image)).losses

        assert ("uploaded_file", "an uploaded file: a reply holds images or URLs, not ids") in [
            (loss.code, loss.detail) for loss in losses
        ]

    def test_a_missing_context_is_met_in_a_batch(self) -> None:
        """A reply alone says nothing of its request."""
        line = one(responses(), gemini("a"), contexts={})

        assert [C.MISSING_CONTEXT] == [loss.code for loss in line.losses]

    def test_partial_usage_is_met_in_several_replies(self) -> None:
        bodies: tuple[dict[str, object], ...] = (
            {},
            {"usage": {"input_tokens": 1, "output_tokens": 2}},
        )
        replies = [imagewire.Reply({"data": [{"b64_json": hub.PNG}], **body}) for body in bodies]
        merged = imagewire.translate_responses(replies, source="images", target="chat")

        assert [
            ("$[0].usage", "call 1 states no token counts: those of the others are summed")
        ] == [(loss.path, loss.detail) for loss in merged.losses if loss.code is C.PARTIAL_USAGE]

    def test_every_code_is_met(self) -> None:
        assert set(LossCode) == {case.code for case in CASES} | OTHERS

    def test_every_code_is_used_and_every_use_is_a_code(self) -> None:
        used = {
            name
            for path in SOURCES.rglob("*.py")
            for name in re.findall(r"\bC\.([A-Z_]+)\b", path.read_text("utf-8"))
        }

        assert set(LossCode.__members__) == used

    @pytest.mark.parametrize("code", LossCode)
    def test_a_code_is_its_own_name_and_has_one_meaning(self, code: LossCode) -> None:
        """Small letters for programs, and one sentence for people."""
        assert code.name.lower() == code == LossCode(str(code))
        assert re.fullmatch(r"[A-Z].*[^.]\.", code.meaning)

    def test_a_loss_has_the_kind_and_the_level_of_its_code(self) -> None:
        expected = Loss(LossKind.DROPPED, LossLevel.METADATA, C.USER_ID, "$.user", "x")

        assert expected == lost(C.USER_ID, ("user",), "x")
