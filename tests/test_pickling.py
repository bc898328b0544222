"""Every error, result and hub value survives pickle and copy: a process pool sends them around."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

import hub
import imagewire
from events import EVENTS
from imagewire import errors, model
from imagewire.loss import C, LossCode, LossLevel, lost

LOSSES = [lost(C.USER_ID, ("user",), "gone"), lost(C.EARLIER_TURN, "$.messages[0:2]", "gone")]
WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),  # noqa: S301 - our own bytes
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
BY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def subclasses(base: type[Any]) -> Iterator[type[Any]]:
    yield base
    for below in base.__subclasses__():
        yield from subclasses(below)


def ours(base: type[Any]) -> list[type[Any]]:
    return [kind for kind in subclasses(base) if kind.__module__.startswith("imagewire")]


def made(kind: type[errors.TranslationError]) -> errors.TranslationError:
    error = (
        errors.LossyError(LOSSES)
        if kind is errors.LossyError
        else errors.InexpressibleError("no", path="$.a", urls=["https://a/b"])
        if kind is errors.InexpressibleError
        else kind("no" * 400, path=("a", 0))
    )
    error.add_note("advice")
    error.blame_upstream()
    return error


def translated() -> Iterator[Any]:
    body = {"messages": [{"role": "user", "content": "a fox"}], "x": [1], "user": "u"}
    about: dict[str, Any] = {"source": "chat", "model": hub.MODEL}
    yield imagewire.translate_request(body, target="gemini", **about)
    yield imagewire.chat.read_request(body)
    reply = {"choices": [{"message": {"content": "no"}, "finish_reason": "content_filter"}]}
    yield imagewire.translate_response(reply, source="chat", target="images")
    yield imagewire.Reply(b"{}", 200, {"a": "b"})
    yield imagewire.Reply(memoryview(b" {} ")[1:3])
    large = hub.GIF[:-4] + "A" * 100_000  # it bypasses the codec
    answer = {"inlineData": {"mimeType": "image/gif", "data": large}}
    raw = msgspec.json.encode({"candidates": [{"content": {"parts": [answer]}}]})
    yield imagewire.translate_response(raw, source="gemini", target="images")


def made_failure() -> model.Failure:
    return model.Failure(
        kind=model.FailureKind.QUOTA, message="no", status=429, retry_after=1.5, details=hub.EXTRAS
    )


RESULTS = list(translated())
HUB: dict[str, model.Value] = {
    **hub.REQUESTS,
    **hub.RESPONSES,
    **EVENTS,
    "Failure.details": made_failure(),
    "ReplyContext.model": model.ReplyContext(model="m", count=2),
}


class TestErrors:
    @BY_WAY
    @pytest.mark.parametrize("kind", ours(errors.TranslationError))
    def test_an_error_is_what_it_was(self, kind: Any, way: Callable[[Any], Any]) -> None:
        """With its path, its status and its notes."""
        error = made(kind)
        again = way(error)

        assert (kind, error.args, error.__dict__) == (type(again), again.args, again.__dict__)
        assert (str(error), error.failure) == (str(again), again.failure)


class TestValues:
    @BY_WAY
    @pytest.mark.parametrize("value", HUB.values(), ids=HUB)
    def test_a_value_of_the_hub_is_equal(self, value: Any, way: Callable[[Any], Any]) -> None:
        """Whichever of its fields says something."""
        assert value == way(value)

    def test_every_class_of_the_hub_is_among_them(self) -> None:
        named = {name.partition(".")[0] for name in HUB}

        assert {kind.__name__ for kind in ours(model.Value)} - {"Value", "Verbatim"} == named

    @BY_WAY
    @pytest.mark.parametrize("value", RESULTS, ids=lambda value: type(value).__name__)
    def test_a_result_is_equal(self, value: Any, way: Callable[[Any], Any]) -> None:
        assert value == way(value)

    @BY_WAY
    @pytest.mark.parametrize("text", ["[" * 590 + "]" * 590, '{"a":' * 590 + "1" + "}" * 590])
    def test_data_may_be_as_deep_as_a_body(self, text: str, way: Callable[[Any], Any]) -> None:
        """Pickle and copy go to the end of the stack for each level."""
        message = f'{{"role":"user","content":[{{"type":"x","x":{text}}}],"u":{text}}}'
        found = imagewire.chat.read_request(f'{{"model":"m","messages":[{message}],"u":{text}}}')
        error = f'{{"error":{{"message":"no","u":{text}}}}}'
        reply = imagewire.translate_response(error, source="chat", target="chat", status=400)

        assert (found, reply) == (way(found), way(reply))

    @BY_WAY
    @pytest.mark.parametrize("value", [*LossCode, *LossLevel, *LOSSES])
    def test_a_loss_is_the_same(self, value: Any, way: Callable[[Any], Any]) -> None:
        assert value == way(value)
