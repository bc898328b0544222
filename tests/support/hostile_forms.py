"""Hostile forms, and content types of forms."""

from __future__ import annotations

from hashlib import blake2b

from hostile_bodies import Hostile, Shape, Unit, filled, numbered

FORM = "multipart/form-data; boundary=xyz"


def field(name: bytes, value: bytes = b"x", more: bytes = b"") -> bytes:
    """A part of a form."""
    head = b'--xyz\r\nContent-Disposition: form-data; name="%b"%b' % (name, more)
    return head + b"\r\n\r\n" + value + b"\r\n"


_FILE = b'; filename="a.png"\r\nContent-Type: image/png'
_PNG = b"\x89PNG\r\n\x1a\n"
_FORM_HEAD = field(b"model", b"gpt-image-2") + field(b"prompt", b"a fox")
_FORM_TAIL = field(b"image", _PNG + bytes(64), _FILE) + b"--xyz--\r\n"


def _form(unit: Unit) -> Shape:
    """A form whose middle is of units, each of them whole parts or a piece of one."""

    def shape(size: int) -> Hostile:
        return Hostile(_FORM_HEAD + filled(size, unit) + _FORM_TAIL, "images", FORM)

    return shape


def _chained_boundaries(size: int) -> Hostile:
    """A prompt that holds one after the other what names and ends of parts would be digested to."""
    ends = b"x" * 46
    digest = blake2b(digest_size=16)
    picture = _PNG + bytes(92)
    for name, data in ((b"model", b"gpt-image-2"), (b"prompt", ends), (b"image", picture)):
        digest.update(name + b" " + data[:46] + data[-46:])
    chain = []
    for _ in range(size // 32):
        chain.append(digest.hexdigest().encode())
        digest.update(b"again")
    prompt = ends + b"".join(chain) + ends
    parts = (
        field(b"model", b"gpt-image-2"),
        field(b"prompt", prompt),
        field(b"image", picture, _FILE),
    )
    return Hostile(b"".join(parts) + b"--xyz--\r\n", "images", FORM)


def _content_type(text: str, unit: str, end: str = "") -> Shape:
    """A small form, whose content type is large."""

    def shape(size: int) -> Hostile:
        kind = text + unit * (size // len(unit)) + end
        return Hostile(_FORM_HEAD + _FORM_TAIL, "images", kind)

    return shape


def _boundary(boundary: str, unit: bytes) -> Shape:
    """A file full of something that begins as the boundary does."""

    def shape(size: int) -> Hostile:
        form = _FORM_HEAD + field(b"image", filled(size, unit), _FILE) + _FORM_TAIL
        kind = f"multipart/form-data; boundary={boundary}"
        return Hostile(form.replace(b"--xyz", b"--" + boundary.encode()), "images", kind)

    return shape


FORMS: dict[str, Shape] = {
    "form fields": _form(numbered(field(b"f#"))),
    "form fields of one name": _form(field(b"tags[]")),
    "form fields of no name": _form(field(b"")),
    "form fields twice": _form(field(b"n", b"1")),
    "form images": _form(field(b"image[]", _PNG, _FILE)),
    "numbered form images": _form(numbered(field(b"image[#]", _PNG, _FILE))),
    "form images falling": _form(lambda n: field(b"image[%d]" % (999_999 - n), _PNG, _FILE)),
    "form texts for images": _form(field(b"image[]", b"https://e.example/a.png")),
    "form files of unknown names": _form(numbered(field(b"f#", _PNG, _FILE))),
    "form fields in brackets": _form(numbered(field(b"u[#][a]"))),
    "form fields a thousand deep": _form(lambda n: field(b"u%d" % n + b"[a]" * 1000)),
    "form lists a thousand deep": _form(lambda n: field(b"u%d" % n + b"[]" * 1500)),
    "form objects in one list": _form(field(b"u[][a]") + field(b"u[][b]")),
    "long part headers": _form(lambda n: field(b"f%d" % n, b"", b"\r\nX-A: " + b"a" * 4000)),
    "many part headers": _form(lambda n: field(b"f%d" % n, b"", b"\r\nX: y" * 600)),
    "many header parameters": _form(lambda n: field(b"f%d" % n, b"", b"; a=b" * 800)),
    "open quotes in headers": _form(lambda n: field(b"f%d" % n, b"", b'; a="' * 800)),
    "one endless header": lambda size: Hostile(
        b'--xyz\r\nContent-Disposition: form-data; name="' + b"a" * size, "images", FORM
    ),
    "a preamble": lambda size: Hostile(
        b"x" * size + b"\r\n" + _FORM_HEAD + _FORM_TAIL, "images", FORM
    ),
    "an epilogue": lambda size: Hostile(_FORM_HEAD + _FORM_TAIL + b"x" * size, "images", FORM),
    "line ends in a file": _boundary("xyz", b"\r\n"),
    "almost delimiters in a file": _boundary("xyz", b"\r\n--xy"),
    "hyphens in a file": _boundary("-" * 60, b"-"),
    "a long prompt in a form": lambda size: Hostile(
        field(b"model", b"gpt-image-2") + field(b"prompt", b"x" * size) + _FORM_TAIL, "images", FORM
    ),
    "chained boundaries": _chained_boundaries,
    "a content type of boundaries": _content_type("multipart/form-data", "; boundary=xyz"),
    "a content type of parameters": _content_type("multipart/form-data; boundary=xyz", "; a=b"),
    "a content type of quotes": _content_type('multipart/form-data; boundary="xyz', '\\"', '"'),
    "a content type of blanks": _content_type("multipart/form-data", " ", "; boundary=xyz"),
    "a content type of continuations": _content_type(
        "multipart/form-data", "; boundary*0=x; boundary*1=yz"
    ),
}
