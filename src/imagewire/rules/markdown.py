"""Pictures in texts: markdown images, and texts that are nothing but a data URI.

QuantumNous/new-api (``markdown_image.go``) and its kin write pictures so, in chat content and in
Gemini's texts. They are read where ``Options.read_markdown`` says so; what is no valid picture
stays text. Images stand two line ends away from the text around them.

A text may come in slices, as a stream's does. Then only what may yet become a picture, and the line
ends before it, are held back. What is no picture's data (an alt text, an address, what a data URI
says before its data) has a length that no picture exceeds, in whole texts and in slices alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import structs

from imagewire.codec.limits import MAX_ITEMS
from imagewire.codec.reading import Reading
from imagewire.data_uris import LETTERS, is_data_uri, may_be_data_uri, parse_data_uri
from imagewire.errors import MalformedError
from imagewire.loss import Report
from imagewire.model import Image, Part
from imagewire.paths import Path
from imagewire.placeholder import EDGE
from imagewire.rules.media import is_picture, read_image, reference, split_data_uri
from imagewire.rules.urls import is_absolute, is_refused, may_be_absolute
from imagewire.sniffing import unpadded

#: What stands between images and the text around them.
GAP = "\n\n"
#: Letters of an alt text, of an address, or of a data URI before its data, at most.
LONGEST = 8 * 1024

# Letters of data that tell whether they are a picture's: sniffing looks at so many, or at a third
# of them where they are percent-encoded.
_TELLING = 3 * 2 * EDGE
_ENCODED = LETTERS + b"%"  # base64 whose signs may be percent-encoded


def read_text(part: Part, reading: Reading, wire_path: Path) -> list[Part]:
    """The texts and images of a text part of a document, as `split_text` has them."""
    found = split_text(part, wire_path, reading.report)
    if found[0] is not part:
        reading.respell(wire_path)
    return found


def split_text(part: Part, path: Path, report: Report) -> list[Part]:
    """The texts and images of a text part; what else it has stays with the first image."""
    text = part.text
    if not text or part.thought or not (is_data_uri(text) or "](" in text):
        return [part]
    found = MarkdownReader().read(text, path, report, ended=True)
    for index, piece in enumerate(found):
        if piece.image is not None:
            own = structs.replace(piece, signature=part.signature, extras=part.extras)
            return [*found[:index], own, *found[index + 1 :]]
    return [part]


class _Address(msgspec.Struct):
    """The address of what may be a picture, of which the end is not known yet."""

    is_bare: bool  # whether nothing but the end of the text ends it
    last: str  # letter
    is_base64: bool = False
    is_long: bool = False  # whether it can only end, or go on in a way that no picture's does

    def goes_on(self, more: str) -> bool:
        """Whether it is certain that a slice is more of it."""
        if self.is_base64:  # which has no sign of an end in it
            return self.is_long and _may_be_base64(more)
        said, self.last = self.last + more, more[-1:] or self.last
        return self.is_long and (self.is_bare or not (")" in more or "](" in said))


class MarkdownReader:
    """Reads the texts and the images of one text, whole or in slices."""

    def __init__(self) -> None:
        self.holds_picture = False  #: whether the beginning of what may be a picture is held back
        self._held: list[str] = []
        self._address: _Address | None = None  # of a picture that is held back, if it has one yet
        self._is_first = True  # whether no letter is read: the text may be a data URI
        self._is_split = False  # whether such a data URI came in slices
        self._after_image = False  # whether the gap behind an image may follow
        self._images = 0

    @property
    def holds(self) -> bool:
        """Whether anything is held back."""
        return bool(self._held)

    def read(self, text: str, path: Path, report: Report, *, ended: bool = False) -> list[Part]:
        """What is known of the text with one more slice of it, the last one if it has ``ended``.

        ``path`` is where losses are reported. Raises `MalformedError` for too many images.
        """
        self._is_split = self._is_split or bool(self._held and text)
        if self._address is not None and not ended and self._address.goes_on(text):
            self._held.append(text)
            return []
        text = "".join((*self._held, text))
        self._hold("", None)
        if self._is_first and may_be_data_uri(text):
            image = _image(text, path, report) if ended else None
            if image is not None:
                return [Part(image=image)]
            begun = None if ended else _begun(text, is_bare=True)
            if begun is not None:
                self._hold(text, begun)
                return []
        self._is_first = False
        return list(self._read_markdown(text, path, report, ended=ended))

    def close(self, path: Path, report: Report, *, broken: bool = False) -> list[Part]:
        """What was held back when the text ends.

        Where it was ``broken`` off, a data URI in slices may be half a picture, and stays text.
        """
        self._is_first = self._is_first and not (broken and self._is_split)
        return self.read("", path, report, ended=True)

    def _read_markdown(
        self, text: str, path: Path, report: Report, *, ended: bool
    ) -> Iterator[Part]:
        """The texts and images of ``...![alt](data:image/png;base64,...)...``."""
        told = tail = self._behind_gap(text, 0, ended=ended) if self._after_image else 0
        while not self._after_image and (middle := _find_middle(text, tail)) >= 0:
            # An alt text has no beginning of an image in it.
            opening, tail = text.rfind("![", tail, middle), middle + 2
            if tail - opening > LONGEST:
                continue
            stop = text.find("](", tail)
            end = text.find(")", tail, len(text) if stop < 0 else stop)
            if end >= 0:
                image = _image(text[tail:end], path, report)
                if image is not None:
                    yield from _text(text[told : _before_gap(text, told, opening)])
                    yield self._counted(image, path)
                    told = tail = self._behind_gap(text, end + 1, ended=ended)
            elif stop < 0 and not ended:
                begun = _begun(text[tail:], is_bare=False)
                if begun is not None:
                    start = _before_gap(text, told, opening)
                    break
        else:
            begun, start = None, len(text)
            if not ended:
                start = told if self._after_image else _beginning(text, told, tail)
        yield from _text(text[told:start])
        self._hold(text[start:], begun)

    def _hold(self, text: str, address: _Address | None) -> None:
        self._held, self._address = [text] if text else [], address
        self.holds_picture = address is not None or "![" in text

    def _behind_gap(self, text: str, start: int, *, ended: bool) -> int:
        """Where a text goes on behind an image; notes if the gap there may not have come whole."""
        gap = text[start : start + len(GAP)]
        self._after_image = not ended and gap != GAP and GAP.startswith(gap)
        return start + len(GAP) if gap == GAP else start

    def _counted(self, image: Image, path: Path) -> Part:
        self._images += 1
        if self._images > MAX_ITEMS:
            raise MalformedError(f"the text has more than {MAX_ITEMS} pictures", path=path)
        return Part(image=image)


def _find_middle(text: str, start: int) -> int:
    """Where the alt text of the next image ends, or -1."""
    opening = text.find("![", start)
    return opening if opening < 0 else text.find("](", opening)


def _beginning(text: str, told: int, tail: int) -> int:
    """Where an image may begin whose alt text has no end yet, or the gap before it."""
    opening = text.rfind("![", tail)
    if opening < 0 or len(text) - opening > LONGEST:
        opening = len(text) - text.endswith("!", tail)
    start = _before_gap(text, told, opening)
    return start - (start == len(text) and text.endswith("\n", told))


def _before_gap(text: str, told: int, opening: int) -> int:
    """Where the gap before an image begins, or the image where there is none."""
    return opening - len(GAP) if text.endswith(GAP, told, opening) else opening


def _text(text: str) -> Iterator[Part]:
    if text:
        yield Part(text=text)


def _image(address: str, path: Path, report: Report) -> Image | None:
    """The image at an address, if that is one: a data URI, or the URL of another scheme."""
    url, head = address.strip(), address[:LONGEST].lstrip()
    if not is_data_uri(head):
        sound = len(address) <= LONGEST and is_absolute(url) and not is_refused(url)
        return Image(url=url) if sound else None
    if parse_data_uri(head) is None:
        return None
    try:
        declared, data = split_data_uri(url, path)
        return read_image(data, declared, path, report) if is_picture(data, declared) else None
    except MalformedError:
        return None


def _begun(beginning: str, *, is_bare: bool) -> _Address | None:
    """The address that begins so, if it may be one that `_image` reads."""
    head = beginning[:LONGEST].lstrip()
    address = _Address(is_bare, beginning[-1:])
    if not is_data_uri(head):
        sound = may_be_absolute(head) and not is_refused(head.rstrip())
        return address if sound and len(beginning) <= LONGEST else None
    uri = parse_data_uri(head)
    if uri is None:
        return address if len(beginning) <= LONGEST else None
    whole, telling = beginning.lstrip(), uri.start + _TELLING
    if uri.is_base64 and not _may_be_base64(whole[uri.start :]):
        return None
    address.is_base64, address.is_long = uri.is_base64, len(whole) >= telling
    if address.is_long:
        declared, data = split_data_uri(whole[:telling], ())
        return address if is_picture(data, declared) else None
    return address


def _may_be_base64(text: str) -> bool:
    return not unpadded(text).encode().translate(None, _ENCODED)


def markdown(pieces: Iterable[str | Image]) -> str:
    """Texts and images as one markdown string."""
    return GAP.join(
        piece if isinstance(piece, str) else f"![image]({reference(piece)})" for piece in pieces
    )
