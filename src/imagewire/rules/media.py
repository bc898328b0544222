"""Images as text: base64, media types by first bytes, data URIs.

The bytes of an image are never re-encoded: standard padded base64 passes untouched (the very same
string); a url-safe alphabet, missing padding and white space are normalised; anything else is an
error. The bytes tell the media type, and win over a wrong declaration.

Rules of our own:

- A ``.heic`` and a ``.heif`` declaration are both right for either of the two.
- A data URI without ``;base64`` holds the bytes themselves, percent-encoded (RFC 2397), and is
  encoded once: SVG arrives that way.
- Spare bits of the last letter are cleared: the bytes are the same.
- The media type of a URL is what the extension of its path says, unless one is declared.
"""

from __future__ import annotations

from collections.abc import Sequence

import pybase64

from imagewire.data_uris import LETTERS, is_data_uri, parse_data_uri, unquoted
from imagewire.errors import InexpressibleError, MalformedError
from imagewire.loss import C, Report, lost
from imagewire.model import MEDIA_TYPE, UNKNOWN_TYPE, Image, ImageRequest
from imagewire.paths import Path
from imagewire.patterns import pattern
from imagewire.placeholder import EDGE
from imagewire.rules.urls import checked, is_absolute, is_http
from imagewire.sniffing import PROLOG, WHITE, first_bytes, sniff, sniff_base64, unpadded

#: Media type -> file extension; the first extension of a type is the one that is written.
EXTENSIONS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "image/heic": ("heic",),
    "image/heif": ("heif",),
    "image/avif": ("avif",),
    "image/svg+xml": ("svg",),
}
_TYPE_OF_EXTENSION = {ext: kind for kind, exts in EXTENSIONS.items() for ext in exts}

_HEIF_FAMILY = {"image/heic", "image/heif"}
_HEAD = EDGE * 3 // 4  # bytes that tell a type: all that is left of a payload that was cut
_HOST_END = pattern(r"[/?#\\]")
_KNOWN = LETTERS + WHITE
_BLOCK = 512 * 1024  # letters that are checked at a time


def declared_type(text: str | None) -> str | None:
    """A media type as it was declared: lower case, no parameters, ``image/jpg`` put right.

    A text that is not a media type counts as none: it could carry anything into a header.
    """
    if not text or text in EXTENSIONS:
        return text or None
    kind = text.partition(";")[0].strip().lower()
    if not MEDIA_TYPE.fullmatch(kind):
        return None
    return "image/jpeg" if kind == "image/jpg" else kind


def file_extension(kind: str | None) -> str:
    """The extension of a file with bytes of a media type."""
    return EXTENSIONS.get(kind or "", ("bin",))[0]


def url_type(url: str) -> str | None:
    """The media type that the extension of a URL's path tells, or None."""
    address = url.partition("#")[0].partition("?")[0].partition("://")[2]
    name = address.partition("/")[2].rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    return _TYPE_OF_EXTENSION.get(extension.lower()) if stem else None


def host_of(url: str) -> str:
    """The scheme and the host of a URL, without user, path and query, which may be secret."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{_HOST_END.split(rest, maxsplit=1)[0].rpartition('@')[2]}"


def no_remote_images(remote: Sequence[tuple[Path, str]]) -> InexpressibleError:
    """The error for remote images, each with its hub path, where only images themselves will do."""
    path, url = remote[0]
    msg = f"this model takes no remote images: send the picture as a data URI ({host_of(url)})"
    urls = dict.fromkeys(url for _, url in remote if is_http(url))
    return InexpressibleError(msg, path=path, urls=tuple(urls))


def refuse_masks(request: ImageRequest) -> None:
    """Raise for a mask or a markup, which only the Images API has."""
    if request.mask is not None:
        raise _not_supported("mask")
    refuse_markup(request)


def refuse_markup(request: ImageRequest) -> None:
    """Raise for a markup, where a mask has its place."""
    if request.markup is not None:
        raise _not_supported("markup")


def _not_supported(name: str) -> InexpressibleError:
    msg = f"a {name} is not supported by the API of this model"
    return InexpressibleError(msg, path=f"$.{name}")


def no_uploaded_file(path: Path) -> InexpressibleError:
    """The error for the id of an uploaded file, which only the Images API understands."""
    msg = "this model takes no uploaded files: send the picture as a data URI"
    return InexpressibleError(msg, path=path)


def standard_base64(text: str, path: Path) -> str:
    """Checked base64 as the padded standard alphabet; the same string if it is that already."""
    try:
        pybase64.b64decode(text, validate=True)
    except ValueError:
        other = None if _has_foreign(text) else _normalised(text)
        if other is None:
            msg = "invalid base64"
            raise MalformedError(msg, path=path) from None
        text = other
    if not text:
        msg = "empty image data"
        raise MalformedError(msg, path=path)
    return _without_spare_bits(text)


def _without_spare_bits(text: str) -> str:
    """Base64 whose last letter sets no bit that stands for nothing.

    RFC 4648, 3.5: encoders must clear these bits, and strict decoders refuse others.
    """
    if text[-1] != "=":
        return text
    last = text[-4:]
    clear = pybase64.b64encode_as_string(pybase64.b64decode(last))
    return text if last == clear else text[:-4] + clear


def _normalised(text: str) -> str | None:
    """Base64 of any kind as the padded standard alphabet, or None if it is none."""
    text = unpadded(text)
    text += "=" * (-len(text) % 4)
    try:
        pybase64.b64decode(text, validate=True)
    except ValueError:
        return None
    return text


def _has_foreign(text: str) -> bool:
    """Whether the first block that is not base64 has a letter of no kind of it."""
    for start in range(0, len(text), _BLOCK):
        block = text[start : start + _BLOCK]
        try:
            pybase64.b64decode(block, validate=True)
        except ValueError:
            return block.isascii() and bool(block.encode().translate(None, _KNOWN))
    return False


def split_data_uri(uri: str, path: Path) -> tuple[str | None, str]:
    """The declared media type and the base64 text of a ``data:`` URI (RFC 2397).

    Base64 of a known image is read as that, also where ``;base64`` is missing.
    """
    said = parse_data_uri(uri)
    if said is None:
        msg = "a data URI needs a comma before its data"
        raise MalformedError(msg, path=path)
    payload = uri[said.start :]
    if said.is_base64 or sniff_base64(payload) is not None:
        if "%" in payload:
            payload = unquoted(payload).decode("latin-1")
        return declared_type(said.media_type), payload
    return declared_type(said.media_type), pybase64.b64encode_as_string(unquoted(payload))


def read_image(  # noqa: PLR0913 - an image and its declarations
    text: str,
    declared: str | None,
    path: Path,
    report: Report,
    detail: str | None = None,
    *,
    declared_at: Path | None = None,
) -> Image | None:
    """An image from base64 text of any kind: its bytes tell the type, else the declaration does.

    ``declared_at`` is where a declaration stands that is not beside the data. None if the bytes are
    unknown and were declared to be something else than an image. Raises for an image whose base64
    was encoded once more, which no API decodes (topcheer/ggcode issue 780).
    """
    declared = declared_type(declared)
    try:  # most are standard base64: checking it tells the type, too
        head = pybase64.b64decode(text, validate=True)[:_HEAD]
    except ValueError:
        head = None
    actual = sniff_base64(text) if head is None else sniff(head)
    if actual is None and declared is not None and not _may_be_image(declared):
        return None
    if actual is None and sniff_base64(first_bytes(text).decode("latin-1")) is not None:
        msg = "the image is encoded twice: this is base64 of base64"
        raise MalformedError(msg, path=path)
    data = _without_spare_bits(text) if head else standard_base64(text, path)
    kind = _decide(actual, declared, path if declared is None else declared_at or path, report)
    return Image(data=data, media_type=kind, detail=detail)


def is_picture(data: str, declared: str | None) -> bool:
    """Whether base64 is that of an image: by its declared type, or by its first bytes."""
    return (declared is not None and _may_be_image(declared)) or sniff_base64(data) is not None


def _may_be_image(declared: str) -> bool:
    return declared.startswith("image/") or declared == UNKNOWN_TYPE


def _decide(actual: str | None, declared: str | None, path: Path, report: Report) -> str:
    """The media type of bytes: what they are, else what they were declared to be."""
    if actual is None:
        if declared is None:
            detail = "an image of unknown type without a declared one became {}"
            report(lost(C.MISSING_MEDIA_TYPE, path, detail, UNKNOWN_TYPE))
        return declared or UNKNOWN_TYPE
    if declared is None or declared in {actual, UNKNOWN_TYPE}:
        return actual
    if {actual, declared} == _HEIF_FAMILY:
        return declared
    detail = "declared type {}: the image's bytes are {}"
    report(lost(C.WRONG_MEDIA_TYPE, path, detail, declared, actual))
    return actual


def read_inline(
    text: str, declared: str | None, path: Path, report: Report, declared_at: Path | None = None
) -> Image | None:
    """An image where bare base64 belongs; a data URI there is read as the image, CORRECTED.

    None for something else than an image.
    """
    text = text.strip()
    if is_data_uri(text):
        detail = "a data URI in a field for bare base64 was read as the image"
        report(lost(C.MISPLACED_DATA_URI, path, detail))
        inner, text = split_data_uri(text, path)
        if inner is not None:
            declared, declared_at = inner, path
    return read_image(text, declared, path, report, declared_at=declared_at)


def read_reference(
    text: str, path: Path, report: Report, detail: str | None = None
) -> Image | None:
    """An image where a URL belongs: a remote URL, a data URI, or bare base64 of a known image.

    None for a data URI of something else than an image.
    """
    text = text.strip()
    if is_data_uri(text):
        declared, data = split_data_uri(text, path)
        return read_image(data, declared, path, report, detail)
    if is_absolute(text):
        return Image(url=checked(text, path), detail=detail)
    if sniff_base64(text) is None:
        msg = "neither a URL, nor a data URI, nor base64 of a known image"
        raise MalformedError(msg, path=path)
    return read_image(text, None, path, report, detail)


def read_input(text: str, path: Path, report: Report, detail: str | None = None) -> Image:
    """The same of an input image; raises for a data URI of something else."""
    image = read_reference(text, path, report, detail)
    if image is None:
        msg = "the data URI of an input image holds no image"
        raise MalformedError(msg, path=path)
    return image


def data_uri(image: Image) -> str:
    """The ``data:`` URI of an image that has bytes."""
    return f"data:{type_of(image)};base64,{image.data}"


def type_of(image: Image) -> str:
    """The media type of an image that has bytes, which tell it where nothing else does."""
    return image.media_type or sniff_base64(image.data or "") or UNKNOWN_TYPE


def reference(image: Image) -> str:
    """The URL of an image, else its data URI."""
    return image.url if image.url is not None else data_uri(image)


def read_fetched(fetched: bytes | tuple[str, bytes], path: Path, report: Report) -> Image:
    """An image from the bytes that a caller fetched; raises if they are no known image."""
    declared, raw = (None, fetched) if isinstance(fetched, bytes) else fetched
    actual = sniff(raw[:PROLOG])
    if actual is None:
        msg = "the remote image is not an image of a known type"
        raise MalformedError(msg, path=path)
    kind = _decide(actual, declared_type(declared), path, report)
    return Image(data=pybase64.b64encode_as_string(raw), media_type=kind)
