"""Token counts of an Images reply, both ways."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

import imagewire
from bodies import document
from cases import case
from hub import PICTURE, PNG
from imagewire import images
from imagewire.model import Candidate, ImageResponse, ModalityCount, Usage

Json = dict[str, Any]
GUESSED = ("DEFAULTED", "metadata", "$.usage.prompt_details")


def counts(**tokens: int) -> tuple[ModalityCount, ...]:
    return tuple(ModalityCount(modality=name, tokens=number) for name, number in tokens.items())


def totals(given: int, made: int, total: int, **details: Any) -> Json:
    of_text = {"input_tokens_details": {"text_tokens": given, "image_tokens": 0}}
    counted = {"input_tokens": given, "output_tokens": made, "total_tokens": total}
    return {**counted, **of_text, **details}


def details(text: int, image: int) -> Json:
    return {"text_tokens": text, "image_tokens": image}


def write(usage: Usage | None, had_images: bool | None = False) -> tuple[Any, list[Any]]:  # noqa: FBT001, FBT002
    response = ImageResponse(created=1, candidates=(Candidate(parts=(PICTURE,)),), usage=usage)
    context = imagewire.ReplyContext(had_input_images=had_images)
    outcome = images.write_response(response, context=context)
    found = [(loss.kind.name, loss.level.value, loss.path) for loss in outcome.losses]
    return json.loads(bytes(outcome.value.body)).get("usage"), found


def read(usage: Any) -> Usage | None:
    body = {"created": 1, "data": [{"url": "https://a.b/c"}], "usage": usage}
    return images.read_response(body).value.usage


class TestBothWays:
    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case("absent", None, None),
            case(
                "totals",
                totals(5, 7, 12),
                Usage(prompt=5, candidates=7, total=12, prompt_details=counts(TEXT=5)),
            ),
            case(
                "a-total-of-its-own",
                totals(5, 7, 99),
                Usage(prompt=5, candidates=7, total=99, prompt_details=counts(TEXT=5)),
            ),
            case(
                "details",
                totals(
                    5,
                    7,
                    12,
                    input_tokens_details=details(3, 2),
                    output_tokens_details=details(0, 7),
                ),
                Usage(
                    prompt=5,
                    candidates=7,
                    total=12,
                    prompt_details=counts(TEXT=3, IMAGE=2),
                    candidates_details=counts(IMAGE=7),
                ),
            ),
        ],
    )
    def test_counts_are_read_and_written(self, wire: Json | None, hub: Usage | None) -> None:
        assert hub == read(wire)
        assert (wire, []) == write(hub)

    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case("no-total", {"input_tokens": 5, "output_tokens": 7}, (5, 7, 12)),
            case("of-chat", {"prompt_tokens": 5, "completion_tokens": 7}, (5, 7, 12)),
            case("total-alone", {"total_tokens": 12}, (None, None, 12)),
            case("zero-in-one", {**totals(0, 0, 12), "prompt_tokens": 5}, (5, 0, 12)),
            case("strings", totals("5", "7", "12"), (5, 7, 12)),  # type: ignore[arg-type]
            case("null-details", totals(5, 7, 12, input_tokens_details=None), (5, 7, 12)),
            case("empty-details", totals(5, 7, 12, input_tokens_details={}), (5, 7, 12)),
        ],
    )
    def test_odd_counts_are_read(
        self, wire: Json, hub: tuple[int | None, int | None, int | None]
    ) -> None:
        usage = read(wire)

        assert usage is not None
        assert hub == (usage.prompt, usage.candidates, usage.total)

    def test_cached_tokens_stand_beside_the_others(self) -> None:
        usage = read(totals(5, 7, 12, cached_tokens=3))

        assert usage is not None
        assert 3 == usage.cached

    @pytest.mark.parametrize("wire", [{}, {"input_tokens": None, "input_tokens_details": {}}])
    def test_what_counts_nothing_is_no_usage(self, wire: Json) -> None:
        assert read(wire) is None

    @pytest.mark.parametrize(
        "wire",
        [
            {"input_tokens": 5, "total_tokens": 12},
            {"output_tokens": 7, "total_tokens": 12},
            {"prompt_tokens": 5, "total_tokens": 12, "cost": 1},
        ],
    )
    def test_half_a_usage_stays_in_the_format_that_has_it(self, wire: Json) -> None:
        body = {"created": 1, "data": [{"b64_json": PNG}], "usage": wire}

        found = imagewire.translate_response(body, source="images", target="images")

        assert (body, ()) == (document(found), found.losses)


class TestWriting:
    @pytest.mark.parametrize(
        ("had_images", "expected"),
        [(False, []), (True, [GUESSED]), (None, [GUESSED])],
        ids=["no-image", "images", "not-known"],
    )
    def test_a_request_without_images_was_all_text(
        self,
        had_images: bool | None,  # noqa: FBT001
        expected: list[Any],
    ) -> None:
        """Of others that is a guess: there is never a usage without details."""
        usage, losses = write(Usage(prompt=5, candidates=7, total=12), had_images)

        assert (details(5, 0), expected) == (usage["input_tokens_details"], losses)

    @pytest.mark.parametrize(
        "usage",
        [Usage(total=12), Usage(prompt=5, total=12), Usage(candidates=5, thoughts=1)],
        ids=["total", "prompt", "completion"],
    )
    def test_half_a_usage_is_none(self, usage: Usage) -> None:
        assert (None, [("DROPPED", "metadata", "$.usage")]) == write(usage)

    def test_a_total_is_the_sum_of_what_is_known(self) -> None:
        assert 15 == write(Usage(prompt=5, candidates=7, thoughts=3))[0]["total_tokens"]

    def test_stated_counts_win(self) -> None:
        usage, _ = write(
            Usage(prompt=5, candidates=7, total=12, prompt_details=counts(IMAGE=5)), False
        )

        assert details(0, 5) == usage["input_tokens_details"]

    def test_tool_use_and_thoughts_are_inside_the_totals(self) -> None:
        usage, losses = write(Usage(prompt=5, tool_use=2, candidates=7, thoughts=3, total=17))

        assert (totals(7, 10, 17), []) == (usage, losses)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("cached", {"cached": 2}, "$.usage.cached"),
            case("cached-details", {"cached_details": counts(TEXT=2)}, "$.usage.cached_details"),
            case(
                "tool-use-details", {"tool_use_details": counts(TEXT=2)}, "$.usage.tool_use_details"
            ),
            case("another-modality", {"prompt_details": counts(VIDEO=5)}, "$.usage"),
        ],
    )
    def test_what_has_no_place_is_metadata(self, fields: Json, path: str) -> None:
        usage, losses = write(Usage(prompt=5, candidates=7, total=12, **fields))

        assert (totals(5, 7, 12), [("DROPPED", "metadata", path)]) == (usage, losses)


class TestOfOthers:
    GEMINI: ClassVar[Json] = {
        "candidates": [
            {
                "content": {"parts": [{"fileData": {"fileUri": "https://a.b/c.png"}}]},
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 5,
            "candidatesTokenCount": 7,
            "totalTokenCount": 12,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 7}],
        },
    }

    def test_geminis_details_are_carried(self) -> None:
        result = imagewire.translate_response(
            self.GEMINI, source="gemini", target="images", created=1
        )

        assert (
            totals(
                5, 7, 12, input_tokens_details=details(5, 0), output_tokens_details=details(0, 7)
            )
            == json.loads(bytes(result.body))["usage"]
        )

    @pytest.mark.parametrize(
        ("images_", "expected"), [([], False), (["https://example.com/a.png"], True)]
    )
    def test_the_context_knows_of_input_images(self, images_: list[str], expected: bool) -> None:  # noqa: FBT001
        result = imagewire.translate_request(
            {"model": "gpt-image-2", "prompt": "a", "images": images_},
            source="images",
            target="images",
        )

        assert expected is result.context.had_input_images
