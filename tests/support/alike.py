"""Lines that differ in their words alone, and whether it shows that they share a template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from imagewire.batch import Batch, Line, Reject, translate_line
from imagewire.batch.lines import line_translator
from imagewire.batch.templates import LineResult
from outcomes import assert_same

KEYS = {"custom_id", "key", "id", "text", "content", "prompt", "input"}

#: Words as they stand between quotes, good and bad.
WORDS: dict[str, bytes] = {
    "plain": b"a red fox",
    "others": b"An Owl, 100% white: {0} %b %(a)s #1",
    "a letter": b"x",
    "a blank": b" ",
    "blanks around": b"  in a tree\\n",
    "lines": rb"first\nsecond\ttab\b\f\r\n",
    "quotes": rb"\"quoted\" \\ back\/slash",
    "not ASCII": "狐 in the snow, très bien 🦊 \u2028\u00a0".encode(),
    "escaped": rb"\u72d0 \u00e9 \ud83e\udd8a \u0041\u0000\u001b",
    "markdown": b"![fox](data:image/png;base64,iVBORw0KGgo=) after",
    "escaped markdown": rb"![fox\u005d(https://example.com/a.png)",
    "an escaped data URI": rb"\u0064ata:image/png;base64,iVBORw0KGgo=",
    "brackets": b"[1] and ](",
    "a data URI": b"data:image/png;base64,iVBORw0KGgo=",
    "a URL": b"https://example.com/a.png",
    "JSON": rb"{\"text\":\"inner\",\"prompt\": \"x\"}",
    "a placeholder": b"ImageWire0123456789abcdef0123456789abcdef000000",
    "its case": b"magewire0123456789abcdef0123456789abcdef000000",
    "a number": b"10000000000000000000000000000000000000000",
    "DEL": b"a\x7fb",
    "a bare control": b"a\x01b",
    "no UTF-8": b"a\xff\xfeb",
    "half a letter": b"a\xe7\x8b",
    "a bare surrogate": b"a\xed\xa0\x80b",
    "half an escaped pair": rb"a\ud83e b",
    "a bad escape": rb"a\x41",
    "escaped escapes": rb"a\\u0041 \\/ \\\\x",
    "an open escape": b"a\\",
    "empty": b"",
    "long": b"word " * 2000,
}

_SOME = re.compile(rb'("(?:%b)"\s{0,2}:\s{0,2})"([^"]*)"' % "|".join(sorted(KEYS)).encode())


def alike(document: Any, words: Sequence[bytes], *, spaced: bool = False) -> bytes:
    """A document as a line, with words in turn wherever some can be."""
    count = 0

    def marked(value: Any) -> Any:
        nonlocal count
        if isinstance(value, dict):
            filled = {}
            for key, inner in value.items():
                if key in KEYS and isinstance(inner, str):
                    filled[key] = f"<{count}>"
                    count += 1
                else:
                    filled[key] = marked(inner)
            return filled
        return [marked(inner) for inner in value] if isinstance(value, list) else value

    line = json.dumps(marked(document), separators=None if spaced else (",", ":")).encode()
    for place in range(count):
        line = line.replace(b'"<%d>"' % place, b'"%b"' % words[place % len(words)], 1)
    return line + b"\n"


def reworded(line: bytes, random: Random) -> bytes:
    """A line with some of its words changed; it may be any text."""
    words = [*WORDS.values()]

    def another(found: re.Match[bytes]) -> bytes:
        word = random.choice(words) if random.random() < 0.5 else found[2]
        return b'%b"%b"' % (found[1], word)

    return _SOME.sub(another, line)


class Counted:
    """A translation of lines without templates that counts its calls."""

    def __init__(self, batch: Batch) -> None:
        self.count = 0
        self._batch = batch

    def __call__(self, line: bytes, number: int) -> LineResult:
        self.count += 1
        return translate_line(line, self._batch, number=number)


def assert_templates_are_unseen(lines: Sequence[bytes], batch: Batch) -> Iterator[Line]:
    """Hold that lines together become what each of them becomes alone; those that are well.

    Their ids may be equal: only a translation of all lines looks at that.
    """
    translate = line_translator(batch)
    together = [translate(line, number) for number, line in enumerate(lines, 1)]
    alone = [translate_line(line, batch, number=number) for number, line in enumerate(lines, 1)]
    assert len(together) == len(alone)
    for found, expected in zip(together, alone, strict=True):
        assert isinstance(found, Line | Reject)
        if isinstance(expected, Reject):
            assert isinstance(found, Reject)
            assert found.record() == expected.record()
        else:
            assert_same(found, expected)
            assert isinstance(found, Line)
            yield found
