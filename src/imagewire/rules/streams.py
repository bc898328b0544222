"""The client's wish for a stream: whether it is refused, and whether an upstream is asked for one.

The product page refuses streams, and so does ``Options.stream`` by default. With ``"whole"`` the
reply is written as a stream, and the upstream is asked for a whole one; with ``"live"`` it is asked
for a stream, unless one request has to be sent several times.
"""

from __future__ import annotations

from imagewire.errors import UnsupportedError
from imagewire.loss import C, Report, lost
from imagewire.model import StreamWish
from imagewire.options import Options


def refuse_stream(options: Options, name: str = "stream") -> None:
    """Raise for a wish that is not to be fulfilled; ``name`` is the field that tells it."""
    if options.stream == "refuse":
        msg = f"`{name}` is not supported for image generation"
        raise UnsupportedError(msg, path=f"$.{name}")


def asks_stream(options: Options) -> bool:
    """Whether an upstream that can stream is asked to; raises if the client's wish is refused."""
    refuse_stream(options)
    return options.stream == "live"


def report_partial_images(wish: StreamWish, report: Report) -> None:
    """Report the wish to see drafts, where the target makes none."""
    if wish.partial_images:
        detail = "partial_images {}: no drafts will be made"
        report(lost(C.PARTIAL_IMAGES, "$.stream.partial_images", detail, wish.partial_images))
