from __future__ import annotations

import pytest

from imagewire.loss import CONTENT, METADATA, Loss, LossKind
from imagewire.model import Image, Part
from imagewire.rules.drafts import final_parts

PATH = ("candidates", 0)
TEXT = Part(text="here it is")
PICTURE = Part(image=Image(data="AAAA", media_type="image/png"), signature="s")
DRAFT = Part(image=Image(data="BBBB", media_type="image/png"), thought=True, signature="d")
THOUGHT = Part(text="let me think", thought=True)
PROMOTED = Part(image=Image(data="BBBB", media_type="image/png"), signature="d")

DROPPED, APPROXIMATED = LossKind.DROPPED, LossKind.APPROXIMATED


class TestFinalParts:
    @pytest.mark.parametrize(
        ("parts", "expected", "losses"),
        [
            pytest.param([TEXT, PICTURE], [(0, TEXT), (1, PICTURE)], [], id="no-draft"),
            pytest.param([], [], [], id="nothing"),
            pytest.param(
                [DRAFT, TEXT, DRAFT, PICTURE],
                [(1, TEXT), (3, PICTURE)],
                [(DROPPED, CONTENT, "$.candidates[0].parts[0]")],
                id="drafts-are-left-out",
            ),
            pytest.param(
                [TEXT, DRAFT, DRAFT],
                [(0, TEXT), (2, PROMOTED)],
                [
                    (APPROXIMATED, CONTENT, "$.candidates[0].parts[2]"),
                    (DROPPED, CONTENT, "$.candidates[0].parts[1]"),
                ],
                id="the-last-of-only-drafts-is-the-image",
            ),
            pytest.param(
                [DRAFT],
                [(0, PROMOTED)],
                [(APPROXIMATED, CONTENT, "$.candidates[0].parts[0]")],
                id="a-single-draft-is-the-image",
            ),
            pytest.param(
                [THOUGHT, PICTURE],
                [(1, PICTURE)],
                [(DROPPED, METADATA, "$.candidates[0].parts[0]")],
                id="thoughts-are-left-out",
            ),
            pytest.param(
                [THOUGHT, TEXT],
                [(1, TEXT)],
                [(DROPPED, METADATA, "$.candidates[0].parts[0]")],
                id="thoughts-are-no-drafts",
            ),
        ],
    )
    def test_drafts_and_thoughts_are_not_the_answer(
        self,
        parts: list[Part],
        expected: list[tuple[int, Part]],
        losses: list[tuple[LossKind, object, str]],
    ) -> None:
        """Left out and reported; if only drafts came, the last one is the image."""
        found: list[Loss] = []
        final = final_parts(tuple(parts), PATH, found.append)

        assert (expected, losses) == (
            final,
            [(loss.kind, loss.level, loss.path) for loss in found],
        )

    def test_drafts_are_counted(self) -> None:
        """DROPPED with a count."""
        found: list[Loss] = []
        final_parts((DRAFT, DRAFT, PICTURE), PATH, found.append)

        assert ["2 draft image(s) left out"] == [loss.detail for loss in found]
