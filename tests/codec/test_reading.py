from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

import hub
from imagewire.codec.fields import Wire
from imagewire.codec.writing import (
    Writing,
    report_empty,
    report_extra,
    report_foreign,
    report_picture,
    verbatim,
)
from imagewire.errors import UnsupportedError
from imagewire.loss import CONTENT, METADATA, Loss, LossKind
from imagewire.model import Extra, Foreign, ImageSettings, Part, Policy, Size, Turn
from imagewire.options import DEFAULTS


class Item(Wire):
    name: str | None = None


class Doc(Wire):
    items: list[Item] | None = None
    inner: Item | None = None
    kind: str = "doc"


def extra(*path: str | int, value: Any = 1, policy: Policy = "report") -> Extra:
    return Extra(format="own", path=path, value=value, policy=policy)


def unexpected(loss: Loss) -> None:
    pytest.fail(str(loss))


def places(losses: list[Loss]) -> list[tuple[LossKind, Any, str]]:
    return [(loss.kind, loss.level, loss.path) for loss in losses]


class TestWriting:
    def test_a_document_without_extras_is_the_struct_itself(self) -> None:
        """The images in it are never copied."""
        document = Doc(kind="a")

        assert document is Writing("own", DEFAULTS).finish(document)

    @pytest.mark.parametrize(
        ("found", "node", "expected"),
        [
            pytest.param(extra("new"), (), {"new": 1}, id="top"),
            pytest.param(extra("new"), ("inner",), {"inner": {"name": "b", "new": 1}}, id="object"),
            pytest.param(
                extra("new"),
                ("items", 1),
                {"items": [{"name": "a"}, {"name": "c", "new": 1}]},
                id="list",
            ),
            pytest.param(extra("made", "new"), (), {"made": {"new": 1}}, id="objects-are-made"),
            pytest.param(
                extra("inner", value={"new": 1}),
                (),
                {"inner": {"name": "b", "new": 1}},
                id="merged",
            ),
            pytest.param(extra("kind", value="x"), (), {"kind": "x"}, id="replaced"),
        ],
    )
    def test_its_own_extras_are_placed(
        self, found: Extra, node: tuple[str | int, ...], expected: dict[str, Any]
    ) -> None:
        writing = Writing("own", DEFAULTS)
        writing.add((found,), (), node)
        document = Doc(items=[Item(name="a"), Item(name="c")], inner=Item(name="b"))
        tree = msgspec.to_builtins(document)

        assert {**tree, **expected} == writing.finish(document)
        assert [] == writing.losses

    @pytest.mark.parametrize(
        "path",
        [
            ("items", 5, "new"),
            ("items", "new"),
            ("items", 0),
            ("kind", "new"),
            ("kind", "deep", "new"),
            ("made", 0, "new"),
            (0, "new"),
        ],
        ids=str,
    )
    def test_an_extra_without_a_place_is_reported(self, path: tuple[str | int, ...]) -> None:
        """Lists have to be there, and nothing is half made."""
        writing = Writing("own", DEFAULTS)
        writing.add((extra(*path),), ("turns", 0))
        document = Doc(items=[Item(name="a")], kind="a")

        assert msgspec.to_builtins(document) == writing.finish(document)
        assert [(LossKind.DROPPED, METADATA)] == [place[:2] for place in places(writing.losses)]
        assert writing.losses[0].path.startswith("$.turns[0].extras")

    def test_another_format_s_extra_is_reported(self) -> None:
        writing = Writing("other", DEFAULTS)
        writing.add((extra("a", "b"),), ("usage",))

        assert [(LossKind.DROPPED, METADATA, "$.usage.extras.a.b")] == places(writing.losses)
        assert isinstance(writing.finish(Doc()), Doc)


class TestReportExtra:
    @pytest.mark.parametrize("value", [None, False, "", [], {}], ids=repr)
    @pytest.mark.parametrize("policy", ["report", "refuse"])
    def test_one_that_says_nothing_vanishes(self, value: Any, policy: Policy) -> None:
        report_extra(extra("a", value=value, policy=policy), (), unexpected)

    def test_bookkeeping_vanishes(self) -> None:
        report_extra(extra("a", policy="silent"), (), unexpected)

    @pytest.mark.parametrize("value", [0, 0.0, 1, "a", True, [None]], ids=repr)
    def test_any_other_value_is_reported(self, value: Any) -> None:
        """Zero says something."""
        found: list[Loss] = []
        report_extra(extra("a", value=value), (), found.append)

        assert [(LossKind.DROPPED, METADATA, "$.extras.a")] == places(found)

    def test_one_that_would_change_the_request_is_refused(self) -> None:
        with pytest.raises(UnsupportedError) as caught:
            report_extra(extra("tools", policy="refuse"), (), unexpected)

        assert "$.extras.tools" == caught.value.path


class TestReportForeign:
    CALL = Part(foreign=Foreign(format="gemini", kind="functionCall", value=hub.CALL))

    def test_a_part_of_the_prompt_is_refused(self) -> None:
        with pytest.raises(UnsupportedError) as caught:
            report_foreign(self.CALL, ("turns", 0, "parts", 1), unexpected, asked=True)

        assert "$.turns[0].parts[1]" == caught.value.path

    def test_another_is_dropped(self) -> None:
        found: list[Loss] = []
        report_foreign(self.CALL, ("turns", 0, "parts", 1), found.append, asked=False)

        assert [(LossKind.DROPPED, CONTENT, "$.turns[0].parts[1]")] == places(found)

    @pytest.mark.parametrize("asked", [True, False])
    def test_a_text_or_an_image_is_none(self, asked: bool) -> None:  # noqa: FBT001
        report_foreign(hub.HELLO, (), unexpected, asked=asked)
        report_foreign(hub.PICTURE, (), unexpected, asked=asked)


class TestReportEmpty:
    def test_the_turn_and_what_else_it_had_are_dropped(self) -> None:
        found: list[Loss] = []
        report_empty(Turn(role="model", parts=(), extras=(extra("a"),)), ("turns", 1), found.append)

        assert [
            (LossKind.DROPPED, METADATA, "$.turns[1]"),
            (LossKind.DROPPED, METADATA, "$.turns[1].extras.a"),
        ] == places(found)


class TestReportPicture:
    def test_nothing_said_is_nothing_lost(self) -> None:
        report_picture(ImageSettings(), unexpected)

    def test_each_field_is_dropped_but_those_carried(self) -> None:
        image = ImageSettings(size=Size(width=2, height=1), quality="high", format="png")
        found: list[Loss] = []
        report_picture(image, found.append, but=("format",))

        assert ["$.image.size", "$.image.quality"] == [loss.path for loss in found]
        assert "2x1" in found[0].detail


class TestVerbatim:
    def test_it_is_the_object_with_the_fields_its_struct_lacks(self) -> None:
        item = Doc(inner=Item(name="a"))
        found = (extra("new"), extra("inner", "deep", value={"b": 2}))

        assert {"inner": {"name": "a", "deep": {"b": 2}}, "new": 1} == verbatim(
            item, found, (), unexpected
        )

    def test_a_field_to_drop_is_reported_where_it_stood(self) -> None:
        losses: list[Loss] = []
        found = (structs.replace(extra("new"), kept=False),)

        assert {"inner": {"name": "a"}} == verbatim(
            Doc(inner=Item(name="a")), found, ("items", 1), losses.append
        )
        assert ["$.items[1].new"] == [loss.path for loss in losses]
