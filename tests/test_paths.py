from __future__ import annotations

from typing import Any

import pytest

import imagewire
from imagewire.paths import Path, Provenance, follow, join, other_spellings, split
from imagewire.translate.provenance import locate_error

DOCUMENT: dict[str, Any] = {
    "contents": [{"parts": [{"inline_data": {"mimeType": "image/png"}}]}],
    "generation_config": {"imageConfig": {"aspect_ratio": "1:1"}, "topK": None},
}


class TestSteps:
    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            ((), "$"),
            (("contents", 0, "parts", 1), "$.contents[0].parts[1]"),
            (("a.b",), "$.a_b"),
            (("a[0]\x00",), "$.a_0_"),
            (("svg[model]",), "$.svg[model]"),
            (("tags[][name]", 1), "$.tags[][name][1]"),
            (("a[b].c[d]",), "$.a_b__c_d_"),
            (("a b " * 30,), "$." + "a b " * 16),
            (("sk-proj-" + "a1" * 20,), "$.<key>"),
            (("iVBORw0KGgo" * 9,), "$.<data>"),
        ],
        ids=[
            "none",
            "keys-and-indexes",
            "dot",
            "brackets",
            "field",
            "list",
            "no-field",
            "long",
            "credential",
            "payload",
        ],
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
            ("$.svg[model]", ["svg[model]"]),
            ("$.tags[][name][1]", ["tags[][name]", 1]),
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
            pytest.param("top_k" * 60, ("top_k" * 60,) * 2, id="no name"),
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


NODES: dict[Path, Path] = {
    ("turns", 0): ("contents", 0),
    ("turns", 0, "parts", 1): ("contents", 0, "parts", 0),
    ("system", 0, "extras"): ("systemInstruction",),
}
WIRE_PATHS = {
    "$.image.aspect_ratio": ("$.aspect_ratio", "$.generationConfig.imageConfig.aspectRatio"),
    "$.image.tier": ("$.generationConfig.imageConfig.imageSize", "$.image_size"),
    "$.turns": ("$.contents",),
}


class TestLocate:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            pytest.param("$.turns[0].parts[1]", "$.contents[0].parts[0]", id="node"),
            pytest.param(
                "$.turns[0].parts[1].inlineData",
                "$.contents[0].parts[0].inline_data",
                id="below-a-node",
            ),
            pytest.param("$.turns[0].parts[7]", "$.contents[0].parts[7]", id="above-it"),
            pytest.param("$.turns[3].parts[1]", "$.contents[3].parts[1]", id="as-the-list-says"),
            pytest.param("$.system[0].extras.a.b", "$.systemInstruction.a.b", id="extra-elsewhere"),
            pytest.param("$.turns[0].extras.a", "$.contents[0].a", id="extra-of-its-node"),
            pytest.param(
                "$.image.aspect_ratio", "$.generation_config.imageConfig.aspect_ratio", id="setting"
            ),
            pytest.param(
                "$.image.tier", "$.generation_config.imageConfig.imageSize", id="nowhere-set"
            ),
            pytest.param("$.cachedContent", "$.cachedContent", id="neither"),
        ],
    )
    def test_a_hub_path_leads_into_the_source(self, path: str, expected: str) -> None:
        """The longest known beginning decides; a setting that is nowhere keeps its first path."""

        assert expected == Provenance(NODES, WIRE_PATHS, tree=DOCUMENT).locate(path)

    def test_a_document_that_was_read_at_once_says_which_of_two_paths_it_has(self) -> None:
        """Its wire struct does, and only where there are two."""
        wire = {"generationConfig": {"imageConfig": {"aspectRatio": "1:1"}}}
        source = Provenance({}, WIRE_PATHS, value=wire)

        assert ["$.contents[1]", "$.generationConfig.imageConfig.aspectRatio"] == [
            source.locate("$.turns[1]"),
            source.locate("$.image.aspect_ratio"),
        ]

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


class TestRanges:
    @pytest.mark.parametrize(
        ("nodes", "expected"),
        [
            pytest.param({}, ["$.messages[0:3]"], id="in-a-row"),
            pytest.param(
                {("turns", 2): ("messages", 3)}, ["$.messages[0:2]", "$.messages[3]"], id="a-gap"
            ),
            pytest.param(
                {("turns", 1): ("other", 1)},
                ["$.messages[0]", "$.other[1]", "$.messages[2]"],
                id="two-lists",
            ),
        ],
    )
    def test_a_range_of_turns_is_the_ranges_of_its_items(
        self, nodes: dict[Path, Path], expected: list[str]
    ) -> None:
        """One loss per contiguous range of the source: ``$.messages[0:3]``."""

        assert expected == Provenance(nodes, {"$.turns": ("$.messages",)}).ranges("$.turns[0:3]")

    def test_one_item_is_a_path(self) -> None:
        source = Provenance({}, {"$.turns": ("$.messages",)})

        assert ["$.messages[4]"] == source.ranges("$.turns[4]") == source.ranges("$.turns[4:5]")

    def test_a_turn_that_is_the_first_now_is_found_where_it_was(self) -> None:
        source = Provenance({}, {"$.turns": ("$.messages",)}, first_turn=7)

        assert "$.messages[7].content" == source.locate("$.turns[0].content")


class TestOutcomes:
    def test_outcomes_are_equal_where_they_say_the_same(self) -> None:
        """Wherever it stood in its body."""
        one, other = Provenance({}, {}), Provenance(NODES, WIRE_PATHS, tree=DOCUMENT)

        assert (one, hash(one), "Provenance()") == (other, hash(other), repr(other))

    def test_a_format_that_notes_nothing_has_hub_paths(self) -> None:
        """An error of its writer stays where it is."""
        error = imagewire.UnsupportedError("no", path="$.turns[0]")
        locate_error(error, None)

        assert "$.turns[0]" == error.path
