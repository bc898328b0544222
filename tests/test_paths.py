from __future__ import annotations

from typing import Any

import pytest

import imagewire
from imagewire.loss import Loss, LossCode, lost
from imagewire.paths import follow, join, locate, other_spellings, split
from imagewire.translate.provenance import merge_ranges

DOCUMENT: dict[str, Any] = {
    "contents": [{"parts": [{"inline_data": {"mimeType": "image/png"}}]}],
    "generation_config": {"imageConfig": {"aspect_ratio": "1:1"}, "topK": None},
}


def dropped(path: str, detail: str) -> Loss:
    return lost(LossCode.EARLIER_TURN, path, detail)


class TestSteps:
    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            ((), "$"),
            (("contents", 0, "parts", 1), "$.contents[0].parts[1]"),
            (("a.b",), "$.a_b"),
            (("a[0]\x00",), "$.a_0_"),
            (("a b " * 30,), "$." + "a b " * 16),
            (("sk-proj-" + "a1" * 20,), "$.<key>"),
            (("iVBORw0KGgo" * 9,), "$.<data>"),
        ],
        ids=["none", "keys-and-indexes", "dot", "brackets", "long", "credential", "payload"],
    )
    def test_steps_join_to_a_path(self, steps: tuple[str | int, ...], expected: str) -> None:
        """A key that could be mistaken for a path, or is a secret, is shown cleaned."""

        assert expected == join("$", steps)

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("$", []),
            ("$.contents[0].parts[12]", ["contents", 0, "parts", 12]),
            ("$[1].error", [1, "error"]),
        ],
    )
    def test_a_path_splits_into_steps(self, path: str, expected: list[str | int]) -> None:
        """The inverse of joining."""

        assert expected == split(path)

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            ("inlineData", ("inline_data", "inlineData")),
            ("inline_data", ("inline_data", "inlineData")),
            ("text", ("text", "text")),
            ("top_k", ("top_k", "topK")),
        ],
    )
    def test_a_key_has_two_spellings(self, key: str, expected: tuple[str, str]) -> None:
        """snake_case and camelCase."""

        assert expected == other_spellings(key)


class TestFollow:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            pytest.param(
                "$.contents[0].parts[0].inlineData.mime_type",
                ("$.contents[0].parts[0].inline_data.mimeType", True),
                id="other-spellings",
            ),
            pytest.param("$.contents", ("$.contents", True), id="as-it-is"),
            pytest.param("$", ("$", True), id="root"),
            pytest.param(
                "$.generationConfig.seed", ("$.generation_config.seed", False), id="missing-key"
            ),
            pytest.param(
                "$.generationConfig.topK", ("$.generation_config.topK", False), id="null-is-absent"
            ),
            pytest.param("$.contents[1].parts", ("$.contents[1].parts", False), id="no-item"),
            pytest.param("$.contents.parts", ("$.contents.parts", False), id="key-of-a-list"),
            pytest.param("$.contents[0][0]", ("$.contents[0][0]", False), id="index-of-an-object"),
        ],
    )
    def test_the_documents_own_spelling_is_taken(
        self, path: str, expected: tuple[str, bool]
    ) -> None:
        """And it says whether the path is there."""

        assert expected == follow(DOCUMENT, path)


class TestLocate:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            pytest.param("$.turns[0].parts[1]", "$.contents[0].parts[0]", id="place"),
            pytest.param(
                "$.turns[0].parts[1].inlineData",
                "$.contents[0].parts[0].inline_data",
                id="below-a-place",
            ),
            pytest.param("$.turns[0].parts[7]", "$.contents[0].parts[7]", id="above-it"),
            pytest.param(
                "$.image.aspect_ratio", "$.generation_config.imageConfig.aspect_ratio", id="home"
            ),
            pytest.param(
                "$.image.tier", "$.generation_config.imageConfig.imageSize", id="first-home"
            ),
            pytest.param("$.cachedContent", "$.cachedContent", id="neither"),
        ],
    )
    def test_a_hub_path_leads_into_the_source(self, path: str, expected: str) -> None:
        """The longest known beginning decides; a setting that is nowhere keeps its first home."""
        places = {"$.turns[0]": "$.contents[0]", "$.turns[0].parts[1]": "$.contents[0].parts[0]"}
        homes = {
            "$.image.aspect_ratio": (
                "$.aspect_ratio",
                "$.generationConfig.imageConfig.aspectRatio",
            ),
            "$.image.tier": ("$.generationConfig.imageConfig.imageSize", "$.image_size"),
        }

        assert expected == locate(path, places, homes, DOCUMENT)

    def test_an_unknown_field_is_named_where_it_stands(self) -> None:
        """``path`` is in the source document."""
        body = {
            "system_instruction": {"parts": [{"text": "s"}]},
            "contents": [{"parts": [{"text": "a cat"}, {"text": "b", "new_field": 1}]}],
        }
        request = imagewire.translate_request(
            body, source="gemini", target="chat", model="gemini-2.5-flash-image"
        )

        assert "$.contents[0].parts[1].new_field" in [loss.path for loss in request.losses]


class TestMergeRanges:
    def test_a_run_of_items_is_a_range(self) -> None:
        """A range of turns is ``$.messages[0:3]``."""
        losses = [dropped(f"$.messages[{index}]", "earlier") for index in range(3)]

        assert (dropped("$.messages[0:3]", "earlier"),) == merge_ranges(losses)

    @pytest.mark.parametrize(
        "losses",
        [
            pytest.param([dropped("$.messages[0]", "a")], id="one"),
            pytest.param(
                [dropped("$.messages[0]", "a"), dropped("$.messages[2]", "a")], id="a-gap"
            ),
            pytest.param(
                [dropped("$.messages[0]", "a"), dropped("$.messages[1]", "b")], id="two-fates"
            ),
            pytest.param(
                [dropped("$.messages[0]", "a"), dropped("$.contents[1]", "a")], id="two-lists"
            ),
            pytest.param([dropped("$.a", "x"), dropped("$.b", "x")], id="no-items"),
            pytest.param(
                [dropped("$.a[0].x", "x"), dropped("$.a[1].x", "x")], id="fields-of-items"
            ),
            pytest.param([], id="none"),
        ],
    )
    def test_everything_else_stays_apart(self, losses: list[Loss]) -> None:
        """Only whole items of one list that say the same and follow each other are merged."""

        assert tuple(losses) == merge_ranges(losses)

    def test_two_runs_are_two_ranges(self) -> None:
        """One loss per contiguous range; what lies between them keeps its place."""
        note = lost(LossCode.NEAREST_SIZE, "$.size", "near")
        losses = [
            dropped("$.messages[0]", "a"),
            note,
            dropped("$.messages[1]", "a"),
            dropped("$.messages[3]", "a"),
            dropped("$.messages[4]", "a"),
        ]
        expected = (dropped("$.messages[0:2]", "a"), note, dropped("$.messages[3:5]", "a"))

        assert expected == merge_ranges(losses)

    def test_runs_of_another_code_stay_apart(self) -> None:
        """A merged loss says what each of its items said."""
        losses = [dropped("$.messages[0]", "a"), lost(LossCode.MOVED_TEXT, "$.messages[1]", "a")]

        assert tuple(losses) == merge_ranges(losses)
