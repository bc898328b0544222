"""Token counts of chat replies, read and written."""

from __future__ import annotations

import pytest
from msgspec import structs

from chat_bodies import COUNTS, Json, read_reply, reply_of, translate_reply, write_reply
from hub import USAGE, response
from imagewire.model import ModalityCount, Usage
from imagewire.options import Options


def counts(**tokens: int) -> tuple[ModalityCount, ...]:
    return tuple(ModalityCount(modality=name.upper(), tokens=n) for name, n in tokens.items())


FULL = {
    "prompt_tokens": 20,
    "completion_tokens": 1400,
    "total_tokens": 1420,
    "prompt_tokens_details": {"cached_tokens": 4, "text_tokens": 12, "image_tokens": 8},
    "completion_tokens_details": {"reasoning_tokens": 110, "image_tokens": 1290},
}
FULL_USAGE = Usage(
    prompt=20,
    cached=4,
    candidates=1290,
    thoughts=110,
    total=1420,
    prompt_details=counts(text=12, image=8),
    candidates_details=counts(image=1290),
)


class TestUsage:
    @pytest.mark.parametrize(
        ("wire", "usage"),
        [
            (COUNTS, USAGE),
            (FULL, FULL_USAGE),
            ({**COUNTS, "total_tokens": 99}, structs.replace(USAGE, total=99)),
        ],
        ids=["plain", "details", "stated-total"],
    )
    def test_counts_are_read_and_written(self, wire: Json, usage: Usage) -> None:
        assert usage == read_reply(reply_of(usage=wire)).usage
        assert (wire, []) == (
            write_reply(response(usage=usage))[0]["usage"],
            write_reply(response(usage=usage))[1],
        )

    @pytest.mark.parametrize(
        ("wire", "usage"),
        [
            (None, None),
            ({}, None),
            ({"total_tokens": 1066}, Usage(total=1066)),
            ({"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}, USAGE),
            ({"prompt_tokens": 0, "input_tokens": 5, "completion_tokens": 7}, USAGE),
            ({"prompt_tokens": "5", "completion_tokens": 7.0}, USAGE),
            ({**COUNTS, "prompt_tokens_details": None, "completion_tokens_details": {}}, USAGE),
            ({**COUNTS, "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}, USAGE),
            (
                {**COUNTS, "completion_tokens_details": {"reasoning_tokens": 9}},
                structs.replace(USAGE, thoughts=9),
            ),
        ],
        ids=[
            *("absent", "empty", "total-alone", "of-the-images-api", "zero-in-one-spelling"),
            "odd-numbers",
            *("no-details", "zeros", "thoughts-beside"),
        ],
    )
    def test_relays_counts_are_understood(self, wire: Json | None, usage: Usage | None) -> None:
        assert usage == read_reply(reply_of(usage=wire)).usage

    def test_tool_use_is_prompt_and_thoughts_are_completion(self) -> None:
        usage = Usage(prompt=5, tool_use=3, candidates=7, thoughts=4, total=19)
        body, _ = write_reply(response(usage=usage))

        assert {
            "prompt_tokens": 8,
            "completion_tokens": 11,
            "total_tokens": 19,
            "completion_tokens_details": {"reasoning_tokens": 4},
        } == body["usage"]

    def test_absent_usage_stays_absent(self) -> None:
        assert "usage" not in write_reply(response(usage=None))[0]

    @pytest.mark.parametrize(
        "details",
        [
            {"prompt_tokens_details": {"cache_write_tokens": 5}},
            {"completion_tokens_details": {"accepted_prediction_tokens": 5}},
            {"completion_tokens_details": {"rejected_prediction_tokens": 5, "z": 1}},
            {"cost": 0.5},
        ],
        ids=str,
    )
    def test_other_counts_come_back_to_chat(self, details: Json) -> None:
        body = reply_of(usage={**COUNTS, **details})

        assert (body, []) == translate_reply(body, "chat", "chat")

    @pytest.mark.parametrize(
        ("fields", "options", "path"),
        [
            ({"cached_details": counts(text=2)}, Options(), "$.usage.cached_details"),
            ({"tool_use_details": counts(text=2)}, Options(), "$.usage.tool_use_details"),
            ({"prompt_details": counts(video=2)}, Options(), "$.usage"),
            (
                {"candidates_details": counts(image=7)},
                Options(chat_extensions=False),
                "$.usage.candidates_details",
            ),
        ],
        ids=["cached", "tool-use", "video", "image-without-extensions"],
    )
    def test_counts_that_chat_has_no_field_for_are_dropped(
        self, fields: Json, options: Options, path: str
    ) -> None:
        body, losses = write_reply(response(usage=structs.replace(USAGE, **fields)), options)

        assert (COUNTS, [("DROPPED", "METADATA", path)]) == (body["usage"], losses)
