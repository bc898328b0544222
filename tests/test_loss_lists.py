from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, TypeGuard

import pytest

import imagewire
from imagewire import LossCode, LossLevel
from imagewire.loss import MAX_LOSSES, C, Loss, add, lost
from imagewire.model import ImageRequest, Part, Turn

SOURCES = Path(imagewire.__file__).parent
MODEL = "gemini-3-pro-image-preview"
FOX = {"role": "user", "content": "a fox"}


def several(code: LossCode, count: int) -> list[Loss]:
    losses: list[Loss] = []
    add(losses, *(lost(code, ("items", index), "gone") for index in range(count)))
    return losses


def translated(target: Any = "gemini", **fields: Any) -> tuple[imagewire.Loss, ...]:
    body = {"messages": [FOX], **fields}
    options = imagewire.Options(history="all")
    return imagewire.translate_request(
        body, source="chat", target=target, model=MODEL, options=options
    ).losses


class TestLosses:
    def test_as_many_as_are_listed_are_listed(self) -> None:
        assert [C.USER_ID] * MAX_LOSSES == [loss.code for loss in several(C.USER_ID, MAX_LOSSES)]

    @pytest.mark.parametrize(
        ("first", "rest", "code"),
        [
            ((C.USER_ID, 1), (C.USER_ID, 2), C.MORE_METADATA),
            ((C.USER_ID, 2), (C.NEAREST_SIZE, 1), C.MORE_SETTINGS),
            ((C.NEAREST_SIZE, 1), (C.USER_ID, 2), C.MORE_SETTINGS),
            ((C.EARLIER_TURN, 1), (C.NEAREST_SIZE, 2), C.MORE_CONTENT),
            ((C.USER_ID, 1), (C.EARLIER_TURN, 2), C.MORE_CONTENT),
        ],
    )
    def test_the_rest_is_counted_at_its_gravest_level(
        self, first: tuple[LossCode, int], rest: tuple[LossCode, int], code: LossCode
    ) -> None:
        losses = several(C.USER_ID, MAX_LOSSES)
        for more in (first, rest):
            add(losses, *several(*more))

        assert MAX_LOSSES + 1 == len(losses)
        assert (code, code.level, "$", "3 more loss(es)") == (
            losses[-1].code,
            losses[-1].level,
            losses[-1].path,
            losses[-1].detail,
        )

    def test_what_another_list_counted_is_counted_too(self) -> None:
        losses = several(C.USER_ID, 10)
        add(losses, *several(C.EARLIER_TURN, MAX_LOSSES + 7))

        assert "17 more loss(es)" == losses[-1].detail


class TestTranslations:
    @pytest.mark.parametrize("target", ["gemini", "images"])
    def test_a_request_lists_a_thousand_and_counts_the_rest(self, target: str) -> None:
        losses = translated(target, **{f"k{index}": 1 for index in range(1500)})

        assert MAX_LOSSES + 1 == len(losses)
        assert "500 more loss(es)" == losses[-1].detail

    def test_losses_of_reading_and_writing_share_the_list(self) -> None:
        system = [{"role": "system", "content": [{"type": "text", "text": "", "x": 1}]}] * 900
        fields = {f"k{index}": 1 for index in range(900)}
        losses = translated(messages=[*system, FOX], **fields)

        assert MAX_LOSSES + 1 == len(losses)
        assert "800 more loss(es)" == losses[-1].detail

    def test_the_losses_of_several_replies_share_one_too(self) -> None:
        body = {
            "candidates": [{"content": {"parts": [{"text": "a"}]}, "index": "x"}] * 600,
        }
        losses = imagewire.translate_responses(
            [imagewire.Reply(body)] * 2, source="gemini", target="chat"
        ).losses

        assert MAX_LOSSES + 1 == len(losses)

    def test_a_writer_of_its_own_lists_no_more(self) -> None:
        parts = (Part(text="a", signature="AAAA"),) * (MAX_LOSSES + 5)
        request = ImageRequest(model="gpt-image-2", turns=(Turn(role="user", parts=parts),))
        losses = imagewire.images.write_request(request).losses

        assert (MAX_LOSSES + 1, LossLevel.CONTENT) == (len(losses), losses[-1].level)


class TestSpoiledEntries:
    def test_more_of_them_than_are_listed_are_counted(self) -> None:
        data = [{"b64_json": "iVBORw0KGgo="}, *[{"url": ""}] * (MAX_LOSSES + 5)]

        result = imagewire.translate_response(
            {"created": 1, "data": data}, source="images", target="gemini"
        )

        *listed, last = result.losses
        assert [(C.MISSING_IMAGE, "$.data[1]")] == [(loss.code, loss.path) for loss in listed[:1]]
        assert (MAX_LOSSES, C.MORE_CONTENT) == (len(listed), last.code)


class TestDetails:
    """What a loss says is a constant of ours: only what it quotes has to be cleaned."""

    @pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.py")), ids=lambda path: path.stem)
    def test_each_is_a_constant_with_braces_for_what_it_quotes(self, path: Path) -> None:
        tree = ast.parse(path.read_text())
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]

        wrong = [
            f"line {call.lineno}"
            for function in functions
            for call in ast.walk(function)
            if is_loss(call) and not quotes_rightly(call, function)
        ]

        assert [] == wrong

    def test_what_is_quoted_is_cleaned_and_cut(self) -> None:
        key = "sk-" + "a1" * 20
        found = [
            lost(C.USER_ID, "$", "a {}", "\x1b[2J"),
            lost(C.USER_ID, "$", "a {} of {}", key, "x"),
            lost(C.USER_ID, "$", "a {}", "fox " * 100),
            lost(C.USER_ID, "$", "{} of {}", 12, None),
        ]

        assert ["a [2J", "a <key> of x", "12 of None"] == [
            loss.detail for loss in (*found[:2], found[3])
        ]
        assert 303 == len(found[2].detail)


def is_loss(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lost"


def quotes_rightly(call: ast.Call, function: ast.FunctionDef) -> bool:
    """Whether the detail of a loss is constant, with as many braces as it has quotations."""
    _, _, detail, *quoted = call.args
    said = [detail]
    if isinstance(detail, ast.Name):
        assigned = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and [detail.id] == [getattr(name, "id", None) for name in node.targets]
            and node.lineno < call.lineno
        ]
        said = [max(assigned, key=lambda node: node.lineno).value]
    return all(
        isinstance(value, ast.Constant) and str(value.value).count("{}") == len(quoted)
        for value in said
    )
