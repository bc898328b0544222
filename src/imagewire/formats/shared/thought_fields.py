"""``extra_content.google`` on the wire: where OpenAI-style objects carry Gemini's thought marks.

Google's own OpenAI-compatible endpoint puts a signature there (on Vertex below ``vertex``), to be
sent back untouched.
"""

from imagewire.codec.fields import Name, ProtoWire, Wire


class GoogleMark(ProtoWire, rename=None):
    """Whether something is a thought or a draft, and its opaque signature."""

    thought: bool | None = None
    thought_signature: Name = None


class ExtraContent(Wire):
    """The marks of two clouds; we write Google's."""

    google: GoogleMark | None = None
    vertex: GoogleMark | None = None


_NO_MARK = GoogleMark()


def mark_of(extra: ExtraContent | None) -> GoogleMark:
    """The mark of an object: Google's, unless it is empty, else Vertex's."""
    if extra is None:
        return _NO_MARK
    if extra.google is None or extra.google == _NO_MARK:
        return extra.vertex or _NO_MARK
    return extra.google


def write_extra(signature: str | None, *, thought: bool = False) -> ExtraContent | None:
    """The object that carries a mark, or None where there is none to carry."""
    if signature is None and not thought:
        return None
    mark = GoogleMark(thought=thought or None, thought_signature=signature)
    return ExtraContent(google=mark)
