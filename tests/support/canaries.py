"""Canaries: secrets that must not be heard in anything we say, planted all over a document."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import msgspec

import imagewire
from imagewire.model import Failure

NAME = "CANARY"  # what each of them contains, where it is secret

#: Every shape of key, in one text.
KEYS = (
    f"https://x.example/a.png?key={NAME}0 sk-proj-{NAME}0123456789 gsk_{NAME}{'a1' * 12} "
    f"AIzaSy{NAME}{'b2' * 14} ya29.{NAME}0123456789 Bearer {NAME}0123456789 "
    f"eyJ{NAME}x0.eyJ{NAME}x1.{NAME} x-goog-api-key: {NAME}0123456789"
)
#: Valid base64 of a PNG, as its pixels may happen to spell.
PICTURE = "iVBORw0KGgo" + f"{NAME}+/" * 40 + "A"
#: A prompt: its first words may be quoted, the rest is secret.
PROMPT = "a fox in the snow, " * 20 + NAME

CANARIES = {
    "keys": KEYS,
    "key": f"sk-{NAME}0123456789",
    "picture": PICTURE,
    "data_uri": f"data:image/png;base64,{PICTURE}",
    "prompt": PROMPT,
}


def positions(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every text and of every object; of the items of a list, the first two."""
    if isinstance(tree, dict):
        yield path
        for key, item in tree.items():
            yield from positions(item, (*path, key))
    elif isinstance(tree, list):
        for index, item in enumerate(tree[:2]):
            yield from positions(item, (*path, index))
    elif isinstance(tree, str):
        yield path


def planted(tree: Any, path: tuple[str | int, ...], canary: str) -> Iterator[Any]:
    """The document with a canary at a position: instead of a text and behind it, or as a key."""
    node = tree
    for step in path:
        node = node[step]
    if isinstance(node, dict):
        yield _changed(tree, path, {**node, canary: 1})
        yield _changed(tree, path, {canary: {"a": canary}, **node})
    else:
        yield _changed(tree, path, canary)
        yield _changed(tree, path, f"{node} {canary}")


def _changed(tree: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    changed = _changed(tree[step], tuple(rest), value)
    if isinstance(tree, dict):
        return {**tree, step: changed}
    return [changed if index == step else item for index, item in enumerate(tree)]


def said_by(error: BaseException) -> Iterator[str]:
    """What a log shows of an exception: text, repr and traceback, and those of what caused it."""
    yield "".join(traceback.format_exception(error))
    shown: BaseException | None = error
    while shown is not None:
        yield str(shown)
        yield repr(shown)
        hidden = shown.__suppress_context__ or shown.__cause__ is not None
        shown = shown.__cause__ if hidden else shown.__context__
    if isinstance(error, imagewire.TranslationError):
        yield f"{error.path} {error.param} {error.message}"
        yield repr(error.failure)
        for face in imagewire.FORMATS:
            yield bytes(imagewire.render_error(error, target=face).body).decode()


def said_of(result: imagewire.TranslatedRequest | imagewire.TranslatedResponse) -> Iterator[str]:
    """What a log shows of a result: its repr, its losses, and what strictness makes of them."""
    yield repr(result)
    for loss in result.losses:
        yield f"{loss} {loss!r}"
    try:
        result.require_lossless("metadata")
    except imagewire.LossyError as error:
        yield f"{error} {error!r} {error.failure!r}"


def error_body(result: imagewire.TranslatedResponse) -> Iterator[str]:
    """What a reply says, if it tells of an error."""
    if result.status >= 400 and isinstance(result.failure, Failure):
        yield msgspec.json.format(bytes(result.body)).decode()
