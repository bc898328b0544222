"""What every reader and writer has in common: losses, places, and the fields no struct names.

Unknown fields are collected as extras tagged with their format; the format itself writes them back,
another one reports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

import attrs
import msgspec
from msgspec import structs

from imagewire.codec.document import Codec, Document, Unknown, untyped
from imagewire.errors import MalformedError, TranslationError, UnsupportedError
from imagewire.loss import C, Loss, Outcome, Report, lost
from imagewire.messages import JSON_TYPE, Body
from imagewire.model import ANY_IMAGE, Elsewhere, Extra, ImageSettings, Part, Turn
from imagewire.options import DEFAULTS, Options
from imagewire.paths import EXTRAS, Path, join, locate, other_spellings, shown

W = TypeVar("W")
V = TypeVar("V")


class Reading(msgspec.Struct):
    """One reading of one document.

    ``unknown`` is what its structs do not name, ``model`` the one that the path names. ``places``,
    where somebody wants it, learns which wire path each hub node came from.
    """

    reader: Reader[Any, Any]
    unknown: Unknown | None
    options: Options
    model: str | None = None
    places: dict[str, str] | None = None
    losses: list[Loss] = []

    def report(self, loss: Loss) -> None:
        """Tell of something that the hub value does not say."""
        self.losses.append(loss)

    def take(self, node: Path = ()) -> tuple[Extra, ...]:
        """The unknown fields at and below a wire path; take inner nodes first."""
        if self.unknown is None:
            return ()
        return tuple(self.keep(path, value) for path, value in self.unknown.take(node))

    def place(self, hub: Path, wire: Path) -> None:
        """Note which wire path a hub node came from, if anybody wants to know."""
        if self.places is not None:
            self.places[join("$", hub)] = join("$", wire)

    def keep(self, path: Path, value: Any) -> Extra:
        """One extra; what other formats do with it goes by the last name on its path."""
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        fate = self.reader.fates.get(name)
        if fate is None:  # respelling is slow, and bookkeeping comes with every reply
            snake, camel = other_spellings(name)
            fate = self.reader.fates.get(snake) or self.reader.fates.get(camel, "report")
        return Extra(format=self.reader.format, path=path, value=value, elsewhere=fate)

    def mark(self, *path: str | int) -> tuple[Extra, ...]:
        """A note to this format's own writer, which says something by being there alone."""
        return (Extra(format=self.reader.format, path=path, value=None, elsewhere="silent"),)

    def drop(self, extras: Iterable[Extra], node: Path) -> None:
        """Report the unknown fields of something that says nothing else and is not kept."""
        for extra in extras:
            if not _is_neutral(extra):
                path = (*node, *extra.path)
                self.report(lost(C.UNPLACED_FIELD, path, "a field of an empty part"))

    def keep_named(self, **fields: Any) -> tuple[Extra, ...]:
        """Extras of fields that a struct names only to keep them off the slow path."""
        kept: tuple[Extra, ...] = ()
        for name, value in fields.items():
            if value is not None:
                kept += (self.keep((name,), value),)
        return kept


class Reader(Generic[W, V]):
    """Reads one kind of document: its codec, its translator, and what it says of its fields.

    ``fates`` says what other formats do with an unknown field of a name (by default they report
    it), ``homes`` from which wire paths a hub setting may come. What is wrong with a ``reply`` is
    the upstream's fault.
    """

    def __init__(  # noqa: PLR0913 - what a kind of document is
        self,
        format: str,  # noqa: A002 - the field's standard term
        codec: Codec[W],
        read: Callable[[W, Reading], V],
        *,
        fates: Mapping[str, Elsewhere],
        homes: Mapping[str, Sequence[str]],
        reply: bool = False,
    ) -> None:
        self.format = format
        self.fates = fates
        self._codec = codec
        self._read = read
        self._homes = homes
        self._reply = reply

    def read(
        self,
        body: Body,
        options: Options,
        model: str | None = None,
        places: dict[str, str] | None = None,
    ) -> Outcome[V]:
        """The hub value of a body; losses and errors point into it as it spells its keys."""
        document: Document[W] | None = None
        try:
            document = self._codec.decode(body)
            reading = Reading(self, document.unknown, options, model, places)
            value = self._read(document.value, reading)
        except TranslationError as error:
            if document is not None:
                error.path = document.spelled(error.path)
            if self._reply:
                error.blame_upstream()
            raise
        losses = reading.losses
        if document.tree is not None:
            losses = [structs.replace(loss, path=document.spelled(loss.path)) for loss in losses]
        return Outcome(value, tuple(losses))

    def locate(self, body: Body, paths: Sequence[str], options: Options) -> list[str]:
        """Where the hub paths of losses came from: the body is read again, noting places."""
        places: dict[str, str] = {}
        self.read(body, options, places=places)
        document = untyped(body)
        return [locate(path, places, self._homes, document) for path in paths]


class Locator:
    """A format's ``locate``: where in a body the hub paths of losses came from.

    ``json_of`` makes JSON of a body whose content type says it is none.
    """

    def __init__(
        self,
        request: Reader[Any, Any],
        response: Reader[Any, Any],
        json_of: Callable[[Body, str], Body] = lambda body, _: body,
    ) -> None:
        self._request = request
        self._response = response
        self._json_of = json_of

    def __call__(
        self,
        body: Body,
        paths: Sequence[str],
        *,
        of: Literal["request", "response"],
        content_type: str = JSON_TYPE,
        options: Options = DEFAULTS,
    ) -> list[str]:
        """Where in a request's or a response's body the paths came from."""
        if of == "response":
            return self._response.locate(body, paths, options)
        return self._request.locate(self._json_of(body, content_type), paths, options)


def refuse_failure(error: object) -> None:
    """Raise if a response's body says at its top that it is an error."""
    if error:
        msg = "the body is an error, not a response"
        raise MalformedError(msg, path="$.error")


class Writing(msgspec.Struct):
    """One writing of one document: it puts extras, which no struct has, into the finished one.

    ``remote`` are the images, each with its hub path, that this format cannot refer to.
    """

    format: str
    options: Options
    losses: list[Loss] = []
    placements: list[tuple[Path, Any, Path]] = []
    remote: list[tuple[Path, str]] = []

    def report(self, loss: Loss) -> None:
        """Tell of something that the document does not say."""
        self.losses.append(loss)

    def add(self, extras: tuple[Extra, ...], hub_path: Path, node: Path = ()) -> None:
        """Take the extras of a hub value written to a wire path; report another format's."""
        for extra in extras:
            if extra.value is None and extra.elsewhere == "silent":
                continue  # a mark
            if extra.format == self.format:
                where = (*hub_path, EXTRAS, *extra.path)
                self.placements.append(((*node, *extra.path), extra.value, where))
            else:
                report_extra(extra, hub_path, self.report)

    def finish(self, document: msgspec.Struct) -> Any:
        """The document to encode: the struct itself, or its data with everything placed."""
        if not self.placements:
            return document
        tree = msgspec.to_builtins(document)
        for path, value, hub_path in self.placements:
            if not _place(tree, path, value):
                self.report(
                    lost(C.UNPLACED_FIELD, hub_path, "a field of an object that is not written")
                )
        return tree


def is_marked(extras: Iterable[Extra], format: str, *path: str | int) -> bool:  # noqa: A002
    """Whether a format's reader left this mark."""
    return any(extra.format == format and extra.path == path for extra in extras)


def verbatim(value: msgspec.Struct, extras: tuple[Extra, ...]) -> dict[str, Any]:
    """A wire object as plain data, with the fields that its struct does not name."""
    tree: dict[str, Any] = msgspec.to_builtins(value)
    for extra in extras:
        _place(tree, extra.path, extra.value)
    return tree


def report_foreign(part: Part, hub_path: Path, report: Report, *, asked: bool) -> None:
    """Say that a foreign part is left out; raise if it is part of what was asked."""
    if part.foreign is not None:
        kind = f"a `{shown(part.foreign.kind)}` part of {part.foreign.format}"
        if asked:
            msg = f"{kind} is not supported by the API of this model"
            raise UnsupportedError(msg, path=hub_path)
        report(lost(C.FOREIGN_PART, hub_path, f"{kind}: the target has no such part"))


def report_empty(turn: Turn, hub_path: Path, report: Report) -> None:
    """Say that a turn of which nothing is left is left out, with whatever else it had."""
    if not turn.parts:  # else it was said of each of them
        report(lost(C.EMPTY_TURN, hub_path, f"a {turn.role} turn without text or image"))
    for extra in turn.extras:
        path = (*hub_path, EXTRAS, *extra.path)
        report(lost(C.UNPLACED_FIELD, path, "a field of a turn that is not written"))


def report_picture(image: ImageSettings, report: Report, *, but: Iterable[str] = ()) -> None:
    """Say that what a response tells of its pictures is not written, but for some fields."""
    if image is ANY_IMAGE:
        return
    for name, value in attrs.asdict(image, recurse=False).items():
        if value is not None and name not in but:
            detail = (
                f"the image's {name.replace('_', ' ')}, {value}: the target has no field for it"
            )
            report(lost(C.IMAGE_PROPERTY, f"$.image.{name}", detail))


def report_extra(extra: Extra, hub_path: Path, report: Report) -> None:
    """Say that a field of another format is not written; raise if that would change the request."""
    if _is_neutral(extra):
        return
    path = (*hub_path, EXTRAS, *extra.path)
    name = shown(str(extra.path[-1]))
    if extra.elsewhere == "refuse":
        msg = f"`{name}` is not supported by the API of this model"
        raise UnsupportedError(msg, path=path)
    detail = f"`{name}`, a field of {extra.format}: the target has no such field"
    report(lost(C.UNKNOWN_FIELD, path, detail))


def _is_neutral(extra: Extra) -> bool:
    """Whether nobody misses a field: it says nothing, or is bookkeeping."""
    empty = extra.value is None or extra.value is False or extra.value in ("", [], {})
    return empty or extra.elsewhere == "silent"


def _place(tree: Any, path: Path, value: Any) -> bool:
    """Set a value deep in a document: objects on the way are made, lists have to be there."""
    *steps, last = path
    for depth, step in enumerate(steps):
        if isinstance(tree, dict) and isinstance(step, str):
            if step not in tree and not all(isinstance(name, str) for name in path[depth:]):
                return False
            tree = tree.setdefault(step, {})
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return False
    if not isinstance(tree, dict):
        return False
    if isinstance(value, dict) and isinstance(tree.get(last), dict):
        tree[last].update(value)
    else:
        tree[last] = value
    return True
