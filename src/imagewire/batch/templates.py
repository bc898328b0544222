"""Templates: lines of requests that differ in their words alone are translated once.

Most lines of a batch ask for the same in other words. A line is cut at its words, which are what
its id and its texts say; the rest of it tells which lines it is like. The second of these is
translated with placeholders for its words, and what comes of that is a template for all others.
Nobody can tell, but by the time it takes.

It holds because a translation passes the words of a request on as they are, whatever they say. What
it looks at is no word here: an empty text, and one with ``]``, which may be markdown with an image.
Where a placeholder is not found again as it should be, and where no line comes of it, is no
template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import attrs
import msgspec

from imagewire.batch.records import Kept, Line, Part, Reject
from imagewire.digest import digest_of
from imagewire.messages import Payload
from imagewire.placeholder import placeholder_tag

Found = Line | Reject | Part | None
#: What becomes of a line with a number.
Translate = Callable[[bytes, int], Found]

#: Words, with their key before them. None of the loops gives back what it took, so that a text
#: takes time by its length alone.
_WORDS = re.compile(
    rb'("(?:custom_id|key|id|text|content|prompt)": ?")((?:[^"\\\]\x00-\x1f]++|\\.)++)(?=")'
)
#: An escape that nobody would write who writes JSON as it is written here.
_UNUSUAL = re.compile(rb'\\[^"\\bfnrt]')
_LONGEST = 8 * 1024  #: bytes of a line whose words are a good part of it
_MOST = 500  #: kinds of lines that are known at a time
_NUMBERS = 10**40  # no line has a number as high as this

_cut = _WORDS.split  # in threes: what comes before a key, the key, its words
_decode = msgspec.json.Decoder(str).decode
_encode = msgspec.json.encode


def templated(translate: Translate) -> Translate:
    """A translation of lines, with a memory of its own for what they have in common."""
    kinds = _Kinds(translate)

    def translating(line: bytes, number: int) -> Found:
        pieces = _cut(line) if len(line) <= _LONGEST else ()
        template = kinds.template(pieces) if len(pieces) > 1 else None
        if template is not None:
            words = pieces[2::3]
            try:
                str(line, "utf-8")
                if _UNUSUAL.search(line):
                    words = [*map(_canonical, words)]
                return template.filled(words, number)
            except ValueError:
                pass  # not all of these are words
        return translate(line, number)

    return translating


class _Kinds:
    """The kinds of lines that were met, and the templates of those that were met again."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate
        self._met: set[tuple[bytes, ...]] = set()
        self._templates: dict[tuple[bytes, ...], _Template | None] = {}

    def template(self, pieces: Sequence[bytes]) -> _Template | None:
        """The template for a line in pieces; None for the first of its kind."""
        kind = (*pieces[::3], *pieces[1::3])
        try:
            return self._templates[kind]
        except KeyError:
            if kind in self._met:
                template = self._templates[kind] = _learned(kind, pieces, self._translate)
                return template
        if len(self._met) == _MOST:
            self._met.clear()
            self._templates.clear()
        self._met.add(kind)
        return None


@attrs.frozen(eq=False)
class _Template:
    """What becomes of lines that are alike, as a format for their words.

    The words of a line are those within it and, behind them, its number. ``said`` are the places of
    those that the format takes, ``name`` is the place of the one that the line goes by.
    """

    line: Line
    kept: Kept
    format: bytes
    said: tuple[int, ...]
    name: int

    def filled(self, words: Sequence[bytes], number: int) -> Line:
        """What becomes of a line with these words."""
        words = [*words, b"%d" % number]
        name = _text(words[self.name])
        line, kept = self.line, self.kept
        return Line(
            number=number,
            id=None if line.id is None else name,
            body=Payload(self.format % tuple([words[place] for place in self.said])),
            losses=line.losses,
            kept=Kept(name, kept.repeat, kept.context),
            model=line.model,
        )


def _learned(
    kind: Sequence[bytes], pieces: Sequence[bytes], translate: Translate
) -> _Template | None:
    """The template for lines of a kind, of which one is in pieces, if there can be one."""
    digest = digest_of(kind)
    mark, number = placeholder_tag(digest), _NUMBERS + int(digest, 16)
    marks = [f"{mark}{place:06}" for place in range(len(pieces) // 3)]
    filled = [*pieces]
    filled[2::3] = [name.encode() for name in marks]
    line = translate(b"".join(filled), number)
    if not isinstance(line, Line) or line.kept is None:
        return None
    names = [*marks, str(number)]
    pieces = re.split(f"({'|'.join(names)})".encode(), bytes(line.body))
    fixed = [piece.replace(b"%", b"%%") for piece in pieces[::2]]
    others = _encode((line.losses, line.kept.context, line.model))
    is_left = mark.lower().encode() in b"".join((*fixed, others)).lower()
    if is_left or line.kept.id not in names or line.id not in {None, line.kept.id}:
        return None
    return _Template(
        line=line,
        kept=line.kept,
        format=b"%b".join(fixed),
        said=tuple(names.index(name.decode()) for name in pieces[1::2]),
        name=names.index(line.kept.id),
    )


def _canonical(words: bytes) -> bytes:
    """Words as they are written; raises `ValueError` for what is no text, or looked at."""
    text = _text(words)
    if "]" in text:
        raise ValueError
    return _encode(text)[1:-1]


def _text(words: bytes) -> str:
    return _decode(b'"%b"' % words)
