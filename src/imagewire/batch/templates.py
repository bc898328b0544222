"""Templates: lines of requests that differ only in their words are translated once.

Most lines of a batch ask for the same thing in other words. The words of a line are the values of
its id and of its texts; what remains without them is its skeleton. The second line with a skeleton
is translated with placeholders for its words, and the result is a template for all later lines with
that skeleton. A template gives the same result as a translation, only faster: some 9 us against 65
for a line of 550 bytes (`benchmarks/pipelines.py`).

This is right because a translation passes the words of a request on unchanged, and looks at none of
them. Values that a translation does look at are not words here: an empty text, and a text with
``]``, which may be markdown with an image. A line with a data URI, which may be the image of a text
that is nothing else, has no template. A skeleton has no template if a placeholder does not
come out unchanged in the line's body or id, or if the result is not a line.

Looking for a template takes a fourth of a translation. Where few lines have one, because each has
a seed of its own, say, no more are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import attrs
import msgspec

from imagewire.batch.records import Line, PendingReply, Reject, StoredContext
from imagewire.data_uris import is_data_uri
from imagewire.digest import digest_of
from imagewire.messages import Payload
from imagewire.placeholder import placeholder_tag

#: What a line becomes; None for a blank one.
LineResult = Line | Reject | PendingReply | None
#: Translates a line, given its number.
LineTranslator = Callable[[bytes, int], LineResult]

#: Words, with their key before them. None of the loops gives back what it took, so that the time
#: grows with the length of a text alone.
_WORDS = re.compile(
    rb'("(?:custom_id|key|id|text|content|prompt|input)": ?")'
    rb'((?:[^"\\\]\x00-\x1f]++|\\.)++)(?=")'
)
#: An escape that an encoder does not write, for a character that it writes in another way.
_UNUSUAL = re.compile(rb'\\[^"\\bfnrt]')
_MAX_LINE = 8 * 1024  #: bytes; in a longer line the words are most of the work anyway
_MAX_SKELETONS = 500  #: remembered at a time
_NUMBERS = 10**40  # no line has a number as high as this

_split = _WORDS.split  # in threes: what comes before a key, the key, its words
_decode = msgspec.json.Decoder(str).decode
_encode = msgspec.json.encode


def templated(translate: LineTranslator) -> LineTranslator:
    """The same translation of lines, with templates for the skeletons that it meets."""
    templates = _Templates(translate)

    def translate_with_templates(line: bytes, number: int) -> LineResult:
        if not templates.pay or len(line) > _MAX_LINE or b"data:" in line.lower():
            return translate(line, number)
        pieces = _split(line)
        template = templates.find(pieces) if len(pieces) > 1 else None
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

    return translate_with_templates


class _Templates:
    """The skeletons that were met, and the templates of those that were met again.

    They ``pay`` if of the lines before the memory was full one in three had a template.
    """

    def __init__(self, translate: LineTranslator) -> None:
        self._translate = translate
        self._met: set[tuple[bytes, ...]] = set()
        self._templates: dict[tuple[bytes, ...], _Template | None] = {}
        self._found = 0
        self.pay = True

    def find(self, pieces: Sequence[bytes]) -> _Template | None:
        """The template for a line in pieces; None for the first with its skeleton."""
        skeleton = (*pieces[::3], *pieces[1::3])
        try:
            template = self._templates[skeleton]
        except KeyError:
            if skeleton not in self._met:
                self._meet(skeleton)
                return None
            template = self._templates[skeleton] = _learned(skeleton, pieces, self._translate)
        self._found += template is not None
        return template

    def _meet(self, skeleton: tuple[bytes, ...]) -> None:
        """Remember a skeleton; with too many of them, all are forgotten."""
        if len(self._met) == _MAX_SKELETONS:
            self.pay = 2 * self._found >= _MAX_SKELETONS
            self._found = 0
            self._met.clear()
            self._templates.clear()
        self._met.add(skeleton)


@attrs.frozen(eq=False)
class _Template:
    """What lines with one skeleton become, with slots for their words.

    The values for the slots are the words of a line and, as the last one, its number. ``slots`` has
    the index of the value for each slot of ``format``, in order; ``id_index`` is the index of the
    value that becomes the id of the line.
    """

    line: Line
    stored_context: StoredContext
    format: bytes
    slots: tuple[int, ...]
    id_index: int

    def filled(self, words: Sequence[bytes], number: int) -> Line:
        """What a line with these words becomes."""
        values = [*words, b"%d" % number]
        id_ = _text(values[self.id_index])
        line, stored = self.line, self.stored_context
        stored = StoredContext(id_, stored.repeat, stored.context)
        return Line(
            number=number,
            id=None if line.id is None else id_,
            key=id_,
            body=Payload(self.format % tuple([values[index] for index in self.slots])),
            call_ids=stored.call_ids if stored.repeat > 1 else (),
            losses=line.losses,
            stored_context=stored,
            job=line.job,
        )


def _learned(
    skeleton: Sequence[bytes], pieces: Sequence[bytes], translate: LineTranslator
) -> _Template | None:
    """The template for a skeleton, of which a line is in pieces; None if there can be none."""
    digest = digest_of(skeleton)
    tag, number = placeholder_tag(digest), _NUMBERS + int(digest, 16)
    placeholders = [f"{tag}{index:06}" for index in range(len(pieces) // 3)]
    filled = [*pieces]
    filled[2::3] = [text.encode() for text in placeholders]
    line = translate(b"".join(filled), number)
    if not isinstance(line, Line) or line.stored_context is None:
        return None
    values = [*placeholders, str(number)]
    pieces = re.split(f"({'|'.join(values)})".encode(), bytes(line.body))
    fixed = [piece.replace(b"%", b"%%") for piece in pieces[::2]]
    stored = line.stored_context
    others = _encode((line.losses, stored.context, line.job))
    is_left = tag.lower().encode() in b"".join((*fixed, others)).lower()
    if is_left or stored.id not in values or line.id not in {None, stored.id}:
        return None
    return _Template(
        line=line,
        stored_context=stored,
        format=b"%b".join(fixed),
        slots=tuple(values.index(value.decode()) for value in pieces[1::2]),
        id_index=values.index(stored.id),
    )


def _canonical(words: bytes) -> bytes:
    """Words as the encoder writes them; raises `ValueError` for what is not text, or looked at."""
    text = _text(words)
    if "]" in text or is_data_uri(text.lstrip()):
        raise ValueError
    return _encode(text)[1:-1]


def _text(words: bytes) -> str:
    return _decode(b'"%b"' % words)
