"""What a body may weigh: how many values and pictures it holds, and how deep they are nested.

Each value costs memory and time that its letters do not show: a list of empty objects takes some
200 times its length. What a body holds is first guessed from above, by counting letters, which
costs a small body nothing and a large one little; only what may be too much is looked at closely.
"""

from __future__ import annotations

import re

import msgspec

from imagewire.errors import NOT_JSON, MalformedError
from imagewire.patterns import pattern

#: JSON values in a body; payloads that were cut out of it are texts like any other.
MAX_VALUES = 200_000
#: Lists and objects around a value: the stack of CPython 3.11 has a thousand frames for all.
MAX_DEPTH = 600
#: Answers of a stream: chat completions make 128 at most, the others fewer.
MAX_ANSWERS = 1_000
#: Pictures of a stream, in a text, or of an edit, where a value of few letters is one, and items of
#: a stream: each may become several events, or a file, in another format.
MAX_ITEMS = 10_000

#: Bytes of a body that is too short to be deep: each level has an end, too.
LIGHT = 2 * MAX_DEPTH

# Bytes of a body that is too short for half of its levels to be objects: `[]` and `{"":}`.
_ROOMY = MAX_DEPTH // 2 * (2 + 5)

_FEW = 1000  # letters that are found one by one

# Possessive, because a text may be all of a large body.
_TEXT = pattern(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SPACE = b" \t\r\n"
_BRACKETS = b"[]{}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))


def refuse_heavy(body: bytes | bytearray) -> None:
    """Raise for a body that is too deep, or has too many values."""
    lists = _has_many(body, b"[", MAX_DEPTH // 2)
    if lists or (len(body) > _ROOMY and _has_many(body, b"{", MAX_DEPTH // 2)):
        refuse_deep(body)
    if len(body) >= 2 * MAX_VALUES:
        refuse_many(body)


def _has_many(body: bytes | bytearray, letter: bytes, count: int) -> bool:
    """Whether a letter occurs so often: most have few, and finding is faster than counting."""
    place = -1
    for _ in range(count):
        place = body.find(letter, place + 1)
        if place < 0:
            return False
    return True


def _occurrences(body: bytes | bytearray, letter: bytes) -> int:
    """How often a letter occurs: few, as around pictures, are found faster than counted."""
    place = -1
    for number in range(_FEW):
        place = body.find(letter, place + 1)
        if place < 0:
            return number
    return _FEW + body.count(letter, place + 1)


def refuse_many(body: bytes | bytearray) -> None:
    """Raise for a body with more values than `MAX_VALUES`."""
    if len(body) < 2 * MAX_VALUES:  # a value takes a letter, and a comma or a bracket
        return
    if sum(_occurrences(body, letter) for letter in (b",", b"[", b"{")) < MAX_VALUES:
        return
    bare = _without_texts(body).translate(None, _SPACE)
    empty = bare.count(b"[]") + bare.count(b"{}")
    if bare.count(b",") + bare.count(b"[") + bare.count(b"{") - empty >= MAX_VALUES:
        msg = f"the JSON has more than {MAX_VALUES} values" if _is_json(body) else NOT_JSON
        raise MalformedError(msg)


def _without_texts(body: bytes | bytearray) -> bytearray:
    """A body with a digit in place of each text; `re.sub` would make an object of all between."""
    bare = bytearray()
    done = 0
    for text in _TEXT.finditer(body):
        start, stop = text.span()
        bare += body[done:start]
        bare += b"0"
        done = stop
    bare += body[done:]
    return bare


def _is_json(body: bytes | bytearray) -> bool:
    """Whether a body is JSON, without making any value of it."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True


def refuse_deep(body: bytes | bytearray) -> None:
    """Raise for a body whose values are nested deeper than `MAX_DEPTH`."""
    depth = 0
    for bracket in _without_texts(body).translate(None, _OTHERS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise MalformedError(NOT_JSON)  # RFC 8259 section 9: a parser may set limits
