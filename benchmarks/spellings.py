r"""A picture in other spellings of base64 than the plain one, which a translation has to mend.

RFC 2045, section 6.8: lines of at most 76 letters; RFC 4648, sections 3.2 and 5: without padding,
and the URL-safe alphabet. JSON writers of other languages write ``/`` as ``\/`` (RFC 8259,
section 7).
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import attrs

from payloads import Body, Said, Shape, body_of

BAD_BYTE = "with one bad byte at the end"
_LINE = 76  # letters


def spelled(spell: Callable[[bytes], bytes], shape: Shape) -> Body:
    """A Gemini reply with one picture, of a length that asks for padding."""
    plain = body_of("response", "gemini", shape)
    said = plain.said or Said((), ())
    (picture,) = said.pictures
    longer = picture + b"."
    data = plain.data.replace(b64encode(picture), spell(longer))
    return Body(data, attrs.evolve(said, pictures=(longer,)))


def _in_lines(picture: bytes) -> bytes:
    text = b64encode(picture)
    return rb"\r\n".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))


def _without_padding(picture: bytes) -> bytes:
    return b64encode(picture).rstrip(b"=")


def _with_slashes(picture: bytes) -> bytes:
    return b64encode(picture).replace(b"/", rb"\/")


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "in lines of 76 letters": _in_lines,
    "without padding": _without_padding,
    "in the URL-safe alphabet": urlsafe_b64encode,
    r"with its slashes as \/": _with_slashes,
}


def with_bad_byte(shape: Shape) -> Body:
    """A Gemini reply whose picture is base64 but for its last letters."""
    body = body_of("response", "gemini", shape).data
    at = body.index(b'"', body.index(b'"data":"') + 8) - 3
    return Body(body[:at] + b"!" + body[at + 1 :], None)
