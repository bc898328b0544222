"""What a call gives, a value or a `TranslationError`, and whether two calls give the same."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import msgspec

import imagewire


def outcome(call: Callable[..., Any], *about: Any) -> Any:
    """What a call gives, or the error that it raises."""
    try:
        return call(*about)
    except imagewire.TranslationError as error:
        return error


def assert_same(one: Any, other: Any) -> None:
    """Equal results, or equal errors."""
    assert type(one) is type(other), (one, other)
    if isinstance(one, imagewire.TranslationError):
        assert (str(one), one.status) == (str(other), other.status)
    elif isinstance(one, msgspec.Struct):
        for name in one.__struct_fields__:
            assert getattr(one, name) == getattr(other, name), name
    else:
        assert one == other


def assert_same_outcomes(translate: Callable[[Any], Any], body: bytes, others: list[Any]) -> None:
    """Hold that a body translates as its other forms do."""
    expected = outcome(translate, body)
    for other in others:
        assert_same(expected, outcome(translate, other))


def equal_bodies(body: bytes) -> list[Any]:
    """The same body as a caller may hold it: a view, text, parsed JSON."""
    bodies: list[Any] = [memoryview(body), bytearray(body)]
    try:
        bodies.append(body.decode())
    except UnicodeDecodeError:
        return bodies
    try:
        parsed = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return bodies
    return [*bodies, parsed] if isinstance(parsed, dict) else bodies


def keeps_itself(call: Callable[[], object]) -> bool:
    """Whether the error of a call outlives its handling, for as long as no collector comes."""
    gc.disable()
    try:
        call()
    except imagewire.TranslationError as error:
        found = weakref.ref(error)
    else:
        return False
    finally:
        gc.enable()
    return found() is not None
