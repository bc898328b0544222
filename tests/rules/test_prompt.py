from __future__ import annotations

import pytest

from hub import HELLO, PICTURE, PNG
from imagewire.errors import InexpressibleError
from imagewire.loss import CONTENT, Loss
from imagewire.model import Image, ImageRequest, Part, Turn
from imagewire.rules.prompt import last_user_only, prompt_index

USER, MODEL, EMPTY = (
    Turn(role="user", parts=(HELLO,)),
    Turn(role="model", parts=(HELLO, PICTURE)),
    Turn(role="user", parts=()),
)


def request(*turns: Turn, system: tuple[Part, ...] = ()) -> ImageRequest:
    return ImageRequest(turns=turns, system=system)


class TestPromptIndex:
    @pytest.mark.parametrize(
        ("turns", "expected"),
        [((USER,), 0), ((USER, MODEL), 0), ((USER, MODEL, USER), 2), ((EMPTY, USER, MODEL), 1)],
        ids=["one", "then-model", "two", "an-empty-one-before"],
    )
    def test_it_is_the_last_user_turn_s(self, turns: tuple[Turn, ...], expected: int) -> None:
        assert expected == prompt_index(request(*turns))

    @pytest.mark.parametrize(
        ("turns", "path"),
        [((), "$.turns"), ((MODEL,), "$.turns"), ((USER, EMPTY, MODEL), "$.turns[1]")],
        ids=["none", "no-user", "empty"],
    )
    def test_a_turn_that_asks_for_nothing_raises(self, turns: tuple[Turn, ...], path: str) -> None:
        with pytest.raises(InexpressibleError) as caught:
            prompt_index(request(*turns))

        assert path == caught.value.path


class TestLastUserOnly:
    @pytest.mark.parametrize("turn", [USER, EMPTY, MODEL], ids=["user", "empty", "model"])
    def test_a_single_turn_stays(self, turn: Turn) -> None:
        """Whether it asks for something, its writer says."""
        only = request(turn)

        assert (only, 0) == last_user_only(only, lambda loss: pytest.fail(str(loss)))

    def test_the_other_turns_and_each_of_their_images_are_reported(self) -> None:
        found: list[Loss] = []
        kept = last_user_only(request(USER, MODEL, USER, MODEL, system=(HELLO,)), found.append)

        assert (request(USER, system=(HELLO,)), 2) == kept
        assert [
            "$.turns[0:2]",
            "$.turns[1].parts[1]",
            "$.turns[3]",
            "$.turns[3].parts[1]",
        ] == [loss.path for loss in found]
        assert {CONTENT} == {loss.level for loss in found}

    @pytest.mark.parametrize(
        ("image", "shown"),
        [
            (Image(data=PNG, media_type="image/png"), "<image/png, 0.0 MB>"),
            (Image(url="https://example.com/?key=secret"), "<remote image>"),
            (Image(file_id="file-1"), "<uploaded file>"),
        ],
        ids=["data", "url", "file"],
    )
    def test_an_image_is_described_never_shown(self, image: Image, shown: str) -> None:
        found: list[Loss] = []
        last_user_only(request(Turn(role="user", parts=(Part(image=image),)), USER), found.append)

        assert found[1].detail.endswith(shown)
