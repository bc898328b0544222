"""A document in its own format as it was, but for what was put right, lost or asked for.

A writer says what the hub knows, in one spelling: what says nothing (``n: 1``, ``"auto"``, a null,
an empty list) is gone, and what may be said in two ways is said in one. Another format gets that. A
document that goes back into its own format stays what it is: the source with pictures put right,
without what the losses name, and with the fields that the writer decides. Where that is not enough,
because something moved, the written document stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from msgspec import UNSET

from imagewire.codec.document import encode, untyped
from imagewire.codec.reading import Reading
from imagewire.codec.walk import plain
from imagewire.errors import MalformedError
from imagewire.loss import C, Loss, LossCode
from imagewire.messages import Body, Payload
from imagewire.model import Image, ImageRequest, ImageResponse, Part
from imagewire.paths import Path, Provenance, follow, split

#: Losses of fields, and of entries of lists, that are simply not there any more.
_REMOVED: frozenset[LossCode] = frozenset(
    {
        *(C.UNKNOWN_FIELD, C.UNKNOWN_SETTING, C.UNKNOWN_PICTURE, C.INVALID_FIELD, C.IGNORED_MODEL),
        *(
            C.EMPTY_TURN,
            C.CONTRADICTING_SETTING,
            C.EXTENSION_SETTING,
            C.NO_SUCH_SETTING,
            C.RESPONSE_FORMAT,
            C.MISSING_IMAGE,
        ),
    }
)
#: Losses of pictures, which are put right wherever they stand.
_PUT_RIGHT = frozenset({C.WRONG_MEDIA_TYPE, C.MISPLACED_DATA_URI, C.MISSING_MEDIA_TYPE})
#: Losses that change nothing in the document.
_NOTES = frozenset({C.REPEATED_SEED, C.MISSING_SIGNATURE, C.UNLISTED_SIZE})
#: What only a document that is written anew would lose.
_NOT_LOST = frozenset({C.MISSING_TOKEN_COUNT, C.MEDIA_TYPE})


def kept(
    provenance: Provenance | None,
    value: ImageRequest | ImageResponse,
    written: Payload,
    losses: Sequence[Loss],
) -> tuple[Payload, tuple[Loss, ...]] | None:
    """The document as it was, and what is lost all the same; None if it cannot be kept."""
    if provenance is None or provenance.origin is None:
        return None
    body, reading = cast("tuple[Body, Reading]", provenance.origin)
    if reading.reader.keeping.unless(reading.options):
        return None
    stays = _NOT_LOST | reading.reader.keeping.kept
    losses = tuple(loss for loss in losses if loss.code not in stays)
    if any(loss.code not in _REMOVED | _PUT_RIGHT | _NOTES for loss in losses):
        return None
    try:
        source = untyped(body)
    except MalformedError:  # a number of a reply is beyond what JSON can say, and was left out
        return None
    tree = plain(source, reading.reader.codec.shape, keep_nulls=reading.passes_unknown)
    _put_right(tree, value, reading, provenance)
    places = {_place(tree, loss.path) for loss in losses if loss.code in _REMOVED}
    if None in places:
        return None
    outermost = [place for place in places if place and not _is_below(place, places)]
    for place in sorted(outermost, key=_later_last, reverse=True):
        _remove(tree, place)
    document = _with_decided(tree, untyped(bytes(written)), reading)
    return encode(document), losses


def _put_right(
    tree: Any, value: ImageRequest | ImageResponse, reading: Reading, provenance: Provenance
) -> None:
    """Set the pictures of a document, which are normal now, and what its reading put right."""
    for path, image in _images(value):
        node = _node(tree, provenance.wire_path(path))
        if node is not None:
            reading.reader.keeping.put_right(node, image)
    for path, item in (reading.put_right or {}).items():
        node = _node(tree, path[:-1]) or {}
        node[str(path[-1])] = item
        if item is UNSET:
            del node[str(path[-1])]


def _with_decided(
    tree: dict[str, Any], written: dict[str, Any], reading: Reading
) -> dict[str, Any]:
    """The document with what its writer decides."""
    keeping = reading.reader.keeping
    decided = keeping.decided | (reading.respelled or set())
    if written.get("model") != tree.get("model"):
        decided |= keeping.of_model
    document = {name: item for name, item in tree.items() if name not in decided or name in written}
    for name, item in written.items():
        missing = name not in tree and name in keeping.filled
        respelled = name in tree and name in keeping.spelled
        if name in decided or missing or respelled:
            document[name] = item
    return document


def _images(value: ImageRequest | ImageResponse) -> Iterable[tuple[Path, Image]]:
    nodes: list[tuple[Path, tuple[Part, ...]]] = []
    if isinstance(value, ImageRequest):
        nodes += [(("system",), value.system)]
        nodes += [(("turns", i, "parts"), turn.parts) for i, turn in enumerate(value.turns)]
    else:
        nodes += [(("candidates", i, "parts"), c.parts) for i, c in enumerate(value.candidates)]
    for path, parts in nodes:
        for index, part in enumerate(parts):
            if part.image is not None:
                yield (*path, index), part.image


def _place(tree: Any, path: str) -> Path | None:
    """The steps of a path in the document's spelling, if it leads to something."""
    path, there = follow(tree, path)
    return tuple(split(path)) if there and path != "$" else None


def _is_below(place: Path, places: Collection[Path | None]) -> bool:
    """Whether a place is within another one."""
    return any(place[:length] in places for length in range(1, len(place)))


def _later_last(place: Path) -> list[tuple[int, str]]:
    """An order in which an entry of a list comes after those before it."""
    return [(step, "") if isinstance(step, int) else (0, step) for step in place]


def _remove(tree: Any, place: Path) -> None:
    """Remove what is at a place, and an entry of a list that it was all of."""
    *above, last = place
    holder = None
    for step in above:
        holder, tree = tree, tree[step]
    if isinstance(last, int):
        del tree[last]
    else:
        tree.pop(last, None)
        if not tree and isinstance(holder, list):
            del holder[int(above[-1])]


def _node(tree: Any, path: Path) -> dict[str, Any] | None:
    """The object at a path, if there is one."""
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree if isinstance(tree, dict) else None
