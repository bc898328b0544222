"""URLs of pictures: which may travel, which a caller may fetch, and which an upstream reads itself.

A URL is passed on, or fetched, by somebody who trusts its sender less than this process does. One
that names a local file or a script, or has white space in it, goes nowhere. Another format gets
only the schemes that all APIs document, without control characters. Addresses are not judged:
private networks and redirects are the concern of who fetches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from imagewire.errors import MalformedError, UnsupportedError
from imagewire.model import Extra, Image, ImageRequest, Part
from imagewire.paths import EXTRAS, Path
from imagewire.patterns import pattern

_SCHEME = pattern(r"[\x00-\x20]*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SPACE = pattern(r"\s")
_UNSAFE = pattern(r"[\s\x00-\x1f\x7f-\x9f]")
_REFUSED = {"file", "javascript"}
_LONGEST_SCHEME = 40  # letters, with what stands behind it
_HTTP = {"http", "https"}
_TAKEN = {*_HTTP, "gs"}
# Where the Gemini Files API keeps what was uploaded, and Google's storage.
_STORED = pattern(
    r"gs:|https?://(?:[^/?#\\]*@)?generativelanguage\.googleapis\.com\.?(?::\d*)?(?:[/?#\\]|$)",
    re.IGNORECASE,
)
# Keys that name what was stored before, in both cases; a file's URI may be an address, too.
_REFERENCES = {"file_id", "file_ids", "fileId", "cached_content", "cachedContent"}
_FILE_URIS = {"file_uri", "fileUri"}


def scheme(url: str) -> str:
    """The scheme of a URL in lower case, or an empty text."""
    found = _SCHEME.match(url)
    return found[1].lower() if found else ""


def is_absolute(url: str) -> bool:
    """Whether a reference names its scheme: ``https://...``, ``gs://...``."""
    return "://" in url[:_LONGEST_SCHEME]


def may_be_absolute(beginning: str) -> bool:
    """Whether a reference that begins so may name its scheme."""
    return len(beginning) < _LONGEST_SCHEME or is_absolute(beginning)


def is_http(url: str) -> bool:
    """Whether a URL can be fetched: it is http or https, and all of it is printable."""
    return url[:8].lower().startswith(("http://", "https://")) and not _UNSAFE.search(url)


def is_stored(url: str) -> bool:
    """Whether Gemini reads a file itself: it is in Google's storage or in its Files API."""
    return _STORED.match(url) is not None


def is_refused(url: str) -> bool:
    """Whether a URL goes nowhere: it names a file or a script, or has white space in it."""
    return scheme(url) in _REFUSED or _SPACE.search(url) is not None


def checked(url: str, path: Path) -> str:
    """The URL, or `MalformedError` for one that goes nowhere."""
    if is_refused(url):
        msg = "not the URL of a picture: it names a local file or a script, or has white space"
        raise MalformedError(msg, path=path)
    return url


def refuse_odd_urls(request: ImageRequest) -> None:
    """Raise for a URL that no other format gets: of an odd scheme, or with a control character."""
    for path, image in _images(request):
        url = image.url
        if url is not None and (scheme(url) not in _TAKEN or _UNSAFE.search(url)):
            msg = "the URL of a picture must begin with https://, http:// or gs://"
            raise UnsupportedError(msg, path=path)


def refuse_references(request: ImageRequest) -> None:
    """Raise for what an upstream holds under its own key (``Options.references``)."""
    if request.cached_content is not None:
        msg = "cached contents are not accepted here: send the content itself"
        raise UnsupportedError(msg, path="$.cached_content")
    for path, image in _images(request):
        if image.file_id is not None or (image.url is not None and is_stored(image.url)):
            _refuse_stored(path)
    for path, part in _parts(request):
        if part.foreign is not None and _holds_reference(part.foreign.value):
            _refuse_stored(path)
    for path, extra in _extras(request):
        if _holds_reference({extra.path[-1]: extra.value}):
            _refuse_stored((*path, EXTRAS, *extra.path))


def _refuse_stored(path: Path) -> None:
    msg = "stored files are not accepted here: send the picture as a data URI"
    raise UnsupportedError(msg, path=path)


def _holds_reference(value: Any) -> bool:
    """Whether plain data name what was stored before: in a key for it, or by its address."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str) and is_stored(item):
            return True
        if isinstance(item, list):
            pending += item
        elif isinstance(item, Mapping):
            if any(below and _names_file(key, below) for key, below in item.items()):
                return True
            pending += item.values()
    return False


def _names_file(key: object, value: object) -> bool:
    return key in _REFERENCES or (key in _FILE_URIS and not is_http(str(value)))


def _parts(request: ImageRequest) -> Iterator[tuple[Path, Part]]:
    for index, part in enumerate(request.system):
        yield ("system", index), part
    for number, turn in enumerate(request.turns):
        for index, part in enumerate(turn.parts):
            yield ("turns", number, "parts", index), part


def _images(request: ImageRequest) -> Iterator[tuple[Path, Image]]:
    for path, part in _parts(request):
        if part.image is not None:
            yield path, part.image
    if request.mask is not None:
        yield ("mask",), request.mask
    if request.markup is not None:
        yield ("markup",), request.markup


def _extras(request: ImageRequest) -> Iterator[tuple[Path, Extra]]:
    nodes: list[tuple[Path, tuple[Extra, ...]]] = [((), request.extras)]
    nodes += ((path, part.extras) for path, part in _parts(request))
    nodes += ((("turns", number), turn.extras) for number, turn in enumerate(request.turns))
    for path, extras in nodes:
        for extra in extras:
            yield path, extra
