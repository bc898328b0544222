from __future__ import annotations

import pytest

from hub import BLOCKING
from imagewire.model import Candidate, Image, Part
from imagewire.rules.finish import KNOWN, finish_name, has_image, is_blocked

OTHERS = [
    "STOP",
    "MAX_TOKENS",
    "NO_IMAGE",
    "IMAGE_OTHER",
    "LANGUAGE",
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "CONTINUATION",
    "FINISH_REASON_UNSPECIFIED",
]
PICTURE = Part(image=Image(data="AAAA", media_type="image/png"))
DRAFT = Part(image=Image(data="AAAA", media_type="image/png"), thought=True)
TEXT = Part(text="no")


class TestNames:
    def test_every_published_name_is_known(self) -> None:
        """And no other."""

        assert {*BLOCKING, *OTHERS} == KNOWN

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            (None, "STOP"),
            ("", "STOP"),
            ("FINISH_REASON_UNSPECIFIED", "STOP"),
            ("IMAGE_SAFETY", "IMAGE_SAFETY"),
            ("image_safety", "IMAGE_SAFETY"),
            ("SOMETHING_NEW", "SOMETHING_NEW"),
        ],
    )
    def test_unspecified_is_a_plain_end(self, name: str | None, expected: str) -> None:
        """A name of the future is kept."""

        assert expected == finish_name(name)


class TestBlocked:
    @pytest.mark.parametrize(
        ("parts", "expected"),
        [((PICTURE,), True), ((TEXT, DRAFT), True), ((TEXT,), False), ((), False)],
        ids=["picture", "draft", "text", "nothing"],
    )
    def test_a_draft_is_a_picture_too(self, parts: tuple[Part, ...], expected: bool) -> None:  # noqa: FBT001
        """If only drafts came, the last one is the image."""

        assert expected == has_image(Candidate(parts=parts))

    @pytest.mark.parametrize("name", BLOCKING)
    def test_blocking_reasons_block_what_has_no_picture(self, name: str) -> None:
        """A candidate with a blocking reason and no image."""

        assert is_blocked(Candidate(parts=(TEXT,), finish=name))

    @pytest.mark.parametrize("name", BLOCKING)
    def test_nothing_is_blocked_that_has_a_picture(self, name: str) -> None:
        """Whatever the reason says."""

        assert not is_blocked(Candidate(parts=(PICTURE,), finish=name))

    @pytest.mark.parametrize("name", [*OTHERS, "SOMETHING_NEW"])
    def test_other_reasons_do_not_block(self, name: str) -> None:
        """They only end."""

        assert not is_blocked(Candidate(finish=name))
