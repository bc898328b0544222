"""Pictures in texts: markdown images, and texts that are nothing but a data URI.

QuantumNous/new-api (``markdown_image.go``) and its kin write pictures so, in chat content and in
Gemini's texts. They are read where ``Options.read_markdown`` says so; what is no valid picture
stays text. Images stand two line ends away from the text around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import structs

from imagewire.codec.limits import MAX_VALUES
from imagewire.codec.reading import Reading
from imagewire.data_uris import is_data_uri
from imagewire.errors import MalformedError
from imagewire.loss import Report
from imagewire.model import Image, Part
from imagewire.paths import Path
from imagewire.rules.media import read_image, reference, split_data_uri
from imagewire.rules.urls import is_absolute, is_refused
from imagewire.sniffing import sniff_base64

#: What stands between images and the text around them.
GAP = "\n\n"


def read_text(part: Part, reading: Reading, wire_path: Path) -> list[Part]:
    """The texts and images of a text part; what else it has stays with the first of them."""
    text = part.text
    if not text or part.thought:
        return [part]
    if is_data_uri(text):
        image = _image(text.strip(), wire_path, reading.report)
        found = [] if image is None else [Part(image=image)]
    elif "](" in text:
        found = [*islice(_read_markdown(text, wire_path, reading.report), MAX_VALUES + 1)]
        if len(found) > MAX_VALUES:
            raise MalformedError(f"the text has more than {MAX_VALUES} pieces", path=wire_path)
    else:
        return [part]
    if not any(piece.image for piece in found):
        return [part]
    reading.respell(wire_path)
    found[0] = structs.replace(found[0], signature=part.signature, extras=part.extras)
    return found


def _read_markdown(text: str, wire_path: Path, report: Report) -> Iterator[Part]:
    """The texts and images of ``...![alt](data:image/png;base64,...)...``.

    What is no valid image stays text (QuantumNous/new-api ``markdown_image.go`` writes this form).
    """
    told = tail = 0  # where what is not told yet begins, and where the next image may begin
    while (first := text.find("![", tail)) >= 0 and (middle := text.find("](", first)) >= 0:
        opening = text.rfind("![", first, middle)
        next_middle = text.find("](", middle + 2)
        stop = len(text) if next_middle < 0 else next_middle
        end = text.find(")", middle + 2, stop)
        image = None if end < 0 else _image(text[middle + 2 : end].strip(), wire_path, report)
        tail = middle + 2
        if image is not None:
            before, after_image = text[told:opening], told > 0
            yield from _text_between(before, after_image=after_image, before_image=True)
            yield Part(image=image)
            told = tail = end + 1
    yield from _text_between(text[told:], after_image=told > 0, before_image=False)


def _text_between(text: str, *, after_image: bool, before_image: bool) -> Iterator[Part]:
    if after_image:
        text = text.removeprefix(GAP)
    if before_image:
        text = text.removesuffix(GAP)
    if text:
        yield Part(text=text)


def _image(url: str, wire_path: Path, report: Report) -> Image | None:
    if not is_data_uri(url):
        return Image(url=url) if is_absolute(url) and not is_refused(url) else None
    try:
        declared, data = split_data_uri(url, wire_path)
        if declared is None and sniff_base64(data) is None:
            return None
        return read_image(data, declared, wire_path, report)
    except MalformedError:
        return None


def markdown(pieces: Iterable[str | Image]) -> str:
    """Texts and images as one markdown string."""
    return GAP.join(
        piece if isinstance(piece, str) else f"![image]({reference(piece)})" for piece in pieces
    )
