"""One reading of one document: its losses, where hub values came from, and unknown fields.

Unknown fields are collected as extras tagged with their format; the format itself writes them back
(`writing`), another one reports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import structs

from imagewire.codec.document import Codec, Document
from imagewire.codec.walk import Unknown
from imagewire.errors import MalformedError, TranslationError
from imagewire.loss import C, Loss, Outcome, add, lost
from imagewire.messages import Body
from imagewire.model import Extra, Policy
from imagewire.options import Options
from imagewire.paths import Path, Provenance, other_spellings, shown

W = TypeVar("W")
V = TypeVar("V")


class Reading(msgspec.Struct, gc=False):
    """One reading of one document.

    ``unknown`` is what its structs do not name, ``model`` the one that the path names. ``nodes``
    says which wire path each hub node came from, where that is not what `WIRE_PATHS` says.
    """

    reader: Reader[Any, Any]
    unknown: Unknown | None
    options: Options
    model: str | None = None
    losses: list[Loss] = []
    nodes: dict[Path, Path] = {}

    def report(self, loss: Loss) -> None:
        """Record a loss."""
        add(self.losses, loss)

    def take(self, wire_path: Path = ()) -> tuple[Extra, ...]:
        """The unknown fields at and below a wire path; take inner nodes first."""
        if self.unknown is None:
            return ()
        unknown = self.unknown_policy
        return tuple(
            self.keep(path, value, policy=None if official else unknown)
            for path, value, official in self.unknown.take(wire_path)
        )

    @property
    def unknown_policy(self) -> Policy | None:
        """What becomes of a field that the API's types do not have; None is what its name says."""
        return "drop" if self.options.unknown_fields == "drop" else None

    def keep(self, path: Path, value: Any, policy: Policy | None = None) -> Extra:
        """One extra; what other formats do with it goes by the last name on its path."""
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        policy = policy or self.reader.policies.get(name, "report")
        return Extra(format=self.reader.format, path=path, value=value, policy=policy)

    def mark(self, *path: str | int) -> tuple[Extra, ...]:
        """A note to this format's own writer."""
        return (Extra(format=self.reader.format, path=path, value=None, policy="mark"),)

    def drop(self, extras: Iterable[Extra], wire_path: Path) -> None:
        """Report the unknown fields of something that says nothing else and is not kept."""
        for extra in extras:
            if not is_neutral(extra):
                path = (*wire_path, *extra.path)
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

    ``policies`` says what other formats do with an unknown field of a name (by default they report
    it), ``wire_paths`` from which wire paths a hub setting may come. What is wrong with a reply is
    the upstream's fault. ``refuse_references`` raises for what an upstream holds under its own key.
    """

    def __init__(  # noqa: PLR0913 - what a kind of document is
        self,
        format: str,  # noqa: A002 - the field's standard term
        codec: Codec[W],
        read: Callable[[W, Reading], V],
        *,
        policies: Mapping[str, Policy],
        wire_paths: Mapping[str, Sequence[str]],
        refuse_references: Callable[[V], None] | None = None,
    ) -> None:
        self.format = format
        self.policies: dict[str, Policy] = {
            spelling: policy
            for name, policy in policies.items()
            for spelling in (name, *other_spellings(name))
        }
        self._codec = codec
        self._read = read
        self._wire_paths = wire_paths
        self._refuse_references = refuse_references

    def read(self, body: Body, options: Options, model: str | None = None) -> Outcome[V]:
        """The hub value of a body; losses and errors point into it as it spells its keys."""
        document: Document[W] | None = None
        try:
            document = self._codec.decode(body)
            reading = Reading(self, document.unknown, options, model)
            for path in document.invalid:
                detail = f"`{shown(str(path[-1]))}` has a wrong type or is out of range: ignored"
                reading.report(lost(C.INVALID_FIELD, path, detail))
            value = self._read(document.value, reading)
        except TranslationError as error:
            if document is not None:
                error.path = document.spelled(error.path)
            if self._codec.reply:
                error.blame_upstream()
            raise
        losses = reading.losses
        if document.tree is not None:
            losses = [structs.replace(loss, path=document.spelled(loss.path)) for loss in losses]
        provenance = Provenance(reading.nodes, self._wire_paths, document.value, document.tree)
        if self._refuse_references is not None and options.references == "refuse":
            try:
                self._refuse_references(value)
            except TranslationError as error:
                error.path = provenance.locate(error.path)
                raise
        return Outcome(value, tuple(losses), provenance)


def refuse_failure(error: object) -> None:
    """Raise if a response's body says at its top that it is an error."""
    if error:
        msg = "the body is an error, not a response"
        raise MalformedError(msg, path="$.error")


def is_neutral(extra: Extra) -> bool:
    """Whether a field is no loss: it says nothing, is bookkeeping, a mark, or kept."""
    empty = extra.value is None or extra.value is False or extra.value in ("", [], {})
    return (empty and extra.file is None) or extra.policy in {"silent", "mark", "echo"}
