"""What must hold for what a translation gives, whatever bytes it was given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

import imagewire
from imagewire.model import Failure
from outcomes import outcome

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_error(error: imagewire.TranslationError) -> None:
    assert error.path.startswith("$"), error.path
    assert error.status in {400, 401, 502}
    assert error.message
    check_failure(error.failure)


def check_failure(failure: Failure) -> None:
    assert failure == stored(failure)
    for face in imagewire.FORMATS:
        reply = imagewire.render_error(failure, target=face)
        assert isinstance(json.loads(bytes(reply.body)), dict)
        check_headers(reply.headers)


def check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        assert name.isascii()
        assert value.isascii()
        assert value.isprintable(), value


def check_losses(losses: tuple[imagewire.Loss, ...]) -> None:
    for loss in losses:
        assert loss.path.startswith("$"), loss
        assert loss.detail
        assert not _CONTROL.search(loss.detail), loss


def stored(value: T) -> T:
    """A hub value after it waited in a file."""
    return msgspec.json.decode(msgspec.json.encode(value), type=type(value))


def sound_outcome(translate: Callable[[Any], Any], body: Any) -> Any:
    """What a translation gives: its result, or the sound error that it raised."""
    found = outcome(translate, body)
    if isinstance(found, imagewire.TranslationError):
        check_error(found)
    return found
