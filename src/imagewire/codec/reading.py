"""One reading of one document: its losses, where hub values came from, and unknown fields.

Unknown fields are collected as extras tagged with their format; the format itself writes them back
(`writing`), another one reports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from traceback import clear_frames
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import structs

from imagewire.codec.document import Codec, Document
from imagewire.codec.walk import Unknown
from imagewire.errors import MalformedError, TranslationError
from imagewire.loss import MAX_LOSSES, C, Loss, LossCode, Outcome, Report, add, lost
from imagewire.messages import Body
from imagewire.model import Extra, Image, ImageResponse, Policy
from imagewire.options import Options
from imagewire.paths import Path, Provenance, other_spellings, shown
from imagewire.sniffing import holds_picture

W = TypeVar("W")
V = TypeVar("V")

#: Entries of a reply that cannot be read, each with its error and its words.
Spoiled = dict[Path, tuple[MalformedError, str]]

# Objects that switch something on by being there: OpenAI's chat, gateways' and Google's tools.
_SWITCHES = {
    *("web_search_options", "web_search", "google_search", "googleSearch", "url_context"),
    *("urlContext", "code_execution", "codeExecution"),
}


class Reading(msgspec.Struct, gc=False):
    """One reading of one document.

    ``unknown`` is what its structs do not name, ``model`` the one that the path names. ``nodes``
    says which wire path each hub node came from, where that is not what `WIRE_PATHS` says.
    ``spoiled`` are the entries of a reply that cannot be read, each with its error and its words.
    ``respelled`` are fields of the document that its own writer has to write anew, and
    ``put_right`` values deep in it that are others when it goes back into its own format, or that
    are not there.
    """

    reader: Reader[Any, Any]
    unknown: Unknown | None
    options: Options
    model: str | None = None
    losses: list[Loss] = []
    spoiled: Spoiled | None = None
    nodes: dict[Path, Path] = {}
    respelled: set[str] | None = None
    put_right: dict[Path, Any] | None = None

    def report(self, loss: Loss) -> None:
        """Record a loss."""
        add(self.losses, loss)

    def take(self, wire_path: Path = ()) -> tuple[Extra, ...]:
        """The unknown fields at and below a wire path; take inner nodes first."""
        if self.unknown is None or (wire_path and not self.unknown.levels):
            return ()
        passes = self.passes_unknown
        found = self.unknown.take(wire_path)
        return tuple([self.keep(path, item, kept=known or passes) for path, item, known in found])

    @property
    def passes_unknown(self) -> bool:
        """Whether a field that the API's types do not have goes back into its own format."""
        return self.options.unknown_fields == "pass"

    def keep(
        self, path: Path, value: Any, policy: Policy | None = None, *, kept: bool = True
    ) -> Extra:
        """One extra; what other formats do with it goes by the last name on its path."""
        policy = policy or self.reader.policy_of(path)
        return Extra(format=self.reader.format, path=path, value=value, policy=policy, kept=kept)

    def mark(self, *path: str | int, value: Any = None) -> tuple[Extra, ...]:
        """A note to this format's own writer."""
        return (Extra(format=self.reader.format, path=path, value=value, policy="mark"),)

    def spoil(self, wire_path: Path, error: MalformedError, words: str = "") -> None:
        """Note an entry of a reply that cannot be read, with the upstream's words about it.

        It is reported if the reply holds a picture all the same. Else, and in a request, it is an
        error.
        """
        if not self.reader.is_reply:
            raise error
        if self.spoiled is None:
            self.spoiled = {}
        told = error.with_traceback(None), words  # whose frames have this reading, which has it
        if len(self.spoiled) >= MAX_LOSSES:  # what is counted alone needs no error of its own
            told = next(reversed(self.spoiled.values()))
        self.spoiled.setdefault(wire_path, told)

    def forgive(self) -> None:
        """Report entries that cannot be read as bookkeeping: nothing is told by them."""
        for path in self.spoiled or ():
            self.report(_invalid(path))
        self.spoiled = None

    def respell(self, wire_path: Path) -> None:
        """Note that a field is spelled as its own writer would not spell it, by a path into it."""
        self.respelled = {*(self.respelled or ()), str(wire_path[0])}

    def put(self, wire_path: Path, item: Any) -> None:
        """Note a value that is another when the document goes back into its own format."""
        if self.put_right is None:
            self.put_right = {}
        self.put_right[wire_path] = item

    def drop(self, extras: Iterable[Extra], wire_path: Path) -> None:
        """Report the unknown fields of something that says nothing else and is not kept."""
        drop(extras, wire_path, "an empty part", self.report)

    def keep_named(self, **fields: Any) -> tuple[Extra, ...]:
        """Extras of fields that a struct names only to keep them off the slow path."""
        kept: tuple[Extra, ...] = ()
        for name, value in fields.items():
            if value is not None:
                kept += (self.keep((name,), value),)
        return kept


class Keeping(msgspec.Struct, frozen=True):
    """What a kind of document leaves to its writer where it goes back into its own format.

    ``decided`` are the fields that are as the writer says, there or not, ``filled`` those that it
    adds where they are missing, ``spelled`` those that it spells otherwise; those ``of_model`` it
    decides where the model is another one. ``put_right`` sets a picture in the wire object of its
    part. ``kept`` are losses of what stays in such a document. ``unless`` says of options whether
    they ask for a document of their own.
    """

    put_right: Callable[[dict[str, Any], Image], None] = lambda _node, _image: None
    kept: frozenset[LossCode] = frozenset()
    decided: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    spelled: frozenset[str] = frozenset()
    of_model: frozenset[str] = frozenset()
    unless: Callable[[Options], bool] = lambda _options: False


class Reader(Generic[W, V]):
    """Reads one kind of document: its codec, its translator, and what it says of its fields.

    ``policies`` says what other formats do with an unknown field of a name, or of one that begins
    as the name does before its ``*``; any other is a setting of a request, and bookkeeping of a
    reply. ``wire_paths`` says from which wire paths a hub setting may come, ``keeping`` how a
    document stays what it is. What is wrong with a reply is the upstream's fault.
    ``refuse_references`` raises for what an upstream holds under its own key.
    """

    def __init__(  # noqa: PLR0913 - what a kind of document is
        self,
        format: str,  # noqa: A002 - the field's standard term
        codec: Codec[W],
        read: Callable[[W, Reading], V],
        *,
        policies: Mapping[str, Policy],
        wire_paths: Mapping[str, Sequence[str]],
        keeping: Keeping = Keeping(),
        refuse_references: Callable[[V], None] | None = None,
    ) -> None:
        self.format = format
        self.keeping = keeping
        self._policies = policies
        self._prefixes = tuple(name[:-1] for name in policies if name.endswith("*"))
        self._unnamed: Policy = "report" if codec.reply else "setting"
        self.is_reply = codec.reply
        self.codec = codec
        self._read = read
        self._wire_paths = wire_paths
        self._refuse_references = refuse_references

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """The policies by all spellings of their names; the common body asks for none."""
        return {
            spelling: policy
            for name, policy in self._policies.items()
            for spelling in (name, *other_spellings(name))
        }

    def policy_of(self, path: Path) -> Policy:
        """What other formats do with an unknown field at a path: its name decides."""
        name = str(path[-1])
        if name.startswith(self._prefixes):
            return "report"
        return self.policies.get(name, self._unnamed)

    def read(
        self,
        body: Body,
        options: Options,
        model: str | None = None,
        unread: list[MalformedError] | None = None,
    ) -> Outcome[V]:
        """The hub value of a body; losses and errors point into it as it spells its keys.

        Of an event, ``unread`` takes the error that an entry is which cannot be read, unless its
        stream has a picture.
        """
        document: Document[W] | None = None
        try:
            document = self.codec.decode(body)
            reading = Reading(self, document.unknown, options, model)
            if document.tree is not None:
                _note(document, reading)
            value = self._read(document.value, reading)
            if reading.spoiled is not None:
                has_picture = unread is not None or _has_picture(value)
                settle_spoiled(reading.spoiled, reading.report, has_picture=has_picture)
                if unread is not None:
                    first, _ = next(iter(reading.spoiled.values()))
                    first.path = document.spelled(first.path)
                    first.blame_upstream()
                    unread.append(first)
        except TranslationError as error:
            if document is not None:
                error.path = document.spelled(error.path)
            if self.is_reply:
                error.blame_upstream()
            clear_frames(error.__traceback__)  # one that has the error would keep the body with it
            raise
        losses = reading.losses
        if losses and document.tree is not None:
            losses = [structs.replace(loss, path=document.spelled(loss.path)) for loss in losses]
        provenance = Provenance(
            reading.nodes, self._wire_paths, document.value, document.tree, origin=(body, reading)
        )
        if self._refuse_references is not None and options.references == "refuse":
            try:
                self._refuse_references(value)
            except TranslationError as error:
                error.path = provenance.locate(error.path)
                raise
        return Outcome(value, tuple(losses) if losses else (), provenance)


def _note(document: Document[Any], reading: Reading) -> None:
    """Note what a walk of the document found that could not be read."""
    for path in document.invalid:
        reading.report(_invalid(path))
    for path, spoiled in document.spoiled:
        reading.spoil(path, spoiled)


def _invalid(path: Path) -> Loss:
    detail = "`{}` has a wrong type or is out of range: ignored"
    return lost(C.INVALID_FIELD, path, detail, shown(str(path[-1])))


def _has_picture(value: object) -> bool:
    """Whether a reply holds a picture."""
    candidates = value.candidates if isinstance(value, ImageResponse) else ()
    return any(part.image is not None for item in candidates for part in item.parts)


def settle_spoiled(spoiled: Spoiled, report: Report, *, has_picture: bool) -> None:
    """Report the spoiled entries of a reply that has a picture all the same; else raise."""
    if spoiled and not has_picture:
        first, _ = next(iter(spoiled.values()))
        spoiled.clear()
        raise first
    for path, (error, words) in spoiled.items():
        detail = "no picture here: {}"
        report(lost(C.MISSING_IMAGE, path, detail, words or error.message))


def refuse_failure(error: object) -> None:
    """Raise if a response's body says at its top that it is an error."""
    if error:
        msg = "the body is an error, not a response"
        raise MalformedError(msg, path="$.error")


def drop(extras: Iterable[Extra], wire_path: Path, what: str, report: Report) -> None:
    """Report fields of what is not written, below its path."""
    for extra in extras:
        if not is_neutral(extra):
            code = unknown_code(extra, C.UNPLACED_FIELD)
            report(lost(code, (*wire_path, *extra.path), "a field of {}", what))


def is_neutral(extra: Extra) -> bool:
    """Whether a field is no loss: it says nothing, is bookkeeping, a mark, or kept."""
    empty = extra.value is None or extra.value is False or extra.value in ("", [], {})
    if empty and extra.value == {}:
        empty = extra.path[-1] not in _SWITCHES
    return (empty and extra.file is None) or extra.policy in {"silent", "mark", "echo"}


def unknown_code(extra: Extra, bookkeeping: LossCode = C.UNKNOWN_FIELD) -> LossCode:
    """The loss of an unknown field: a picture, what the caller asked for, or bookkeeping."""
    if extra.file is not None or holds_picture(extra.value):
        return C.UNKNOWN_PICTURE
    return C.UNKNOWN_SETTING if extra.policy == "setting" else bookkeeping
