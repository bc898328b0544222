"""One writing of one document: its losses, and the fields that no struct has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import structs

from imagewire.codec.reading import is_neutral, unknown_code
from imagewire.errors import UnsupportedError
from imagewire.loss import C, Loss, Report, add, lost
from imagewire.model import ANY_IMAGE, Block, Extra, Image, ImageRequest, ImageSettings, Part, Turn
from imagewire.options import Options
from imagewire.paths import EXTRAS, Path, shown
from imagewire.sniffing import sniff_base64

#: A path in the finished document, the field to set there, and the hub path that it comes from.
Placement = tuple[Path, Extra, Path]


class Writing(msgspec.Struct, gc=False):
    """One writing of one document: it puts extras, which no struct has, into the finished one.

    ``remote`` are the images, each with its hub path, that this format cannot refer to.
    """

    format: str
    options: Options
    losses: list[Loss] = []
    placements: list[Placement] = []
    remote: list[tuple[Path, str]] = []

    def report(self, loss: Loss) -> None:
        """Record a loss."""
        add(self.losses, loss)

    def add(
        self, extras: tuple[Extra, ...], hub_path: Path, wire_path: Path = (), steps: int = 0
    ) -> None:
        """Take the extras of a hub value written to a wire path; report another format's.

        The wire path stands for the first ``steps`` of their paths. Files are reported too: JSON
        has no place for them.
        """
        for extra in extras:
            if extra.policy in {"mark", "echo"}:
                continue
            if extra.format == self.format and not extra.kept:
                report_unknown(extra, (*hub_path, EXTRAS), self.report)
            elif extra.format == self.format and extra.file is None:
                extra_path = (*hub_path, EXTRAS, *extra.path)
                self.placements.append(((*wire_path, *extra.path[steps:]), extra, extra_path))
            else:
                report_extra(extra, hub_path, self.report)

    def own(self, extras: tuple[Extra, ...]) -> tuple[Extra, ...]:
        """The extras of a reply that each event of its stream has; others are reported."""
        if not extras:
            return ()
        self.add(extras, ())
        self.placements.clear()
        return tuple(
            extra
            for extra in extras
            if extra.format == self.format and extra.kept and extra.policy != "mark"
        )

    def taken(self) -> list[Placement]:
        """What was to be placed, which another document gets instead."""
        placements = self.placements[:]
        self.placements.clear()
        return placements

    def finish(self, document: msgspec.Struct) -> Any:
        """The document to encode: the struct itself, or its data with everything placed."""
        if not self.placements:
            return document
        tree = msgspec.to_builtins(document)
        for path, extra, hub_path in self.placements:
            if not _place(tree, path, extra.value):
                code = unknown_code(extra, C.UNPLACED_FIELD)
                self.report(lost(code, hub_path, "a field of an object that is not written"))
        return tree


def is_marked(extras: Iterable[Extra], format: str, *path: str | int) -> bool:  # noqa: A002
    """Whether a format's reader left this mark."""
    for extra in extras:
        if extra.policy == "mark" and extra.format == format and extra.path == path:
            return True
    return False


def marked(extras: Iterable[Extra], format: str, *path: str | int) -> Any:  # noqa: A002
    """The value of the first mark or echo that a format's reader left under a path, or None."""
    for extra in extras:
        if extra.policy in {"mark", "echo"} and extra.format == format and extra.path == path:
            return extra.value
    return None


def verbatim(
    value: msgspec.Struct, extras: tuple[Extra, ...], wire_path: Path, report: Report
) -> dict[str, Any]:
    """A wire object as plain data, with the fields that its struct does not name."""
    tree: dict[str, Any] = msgspec.to_builtins(value)
    for extra in extras:
        if not extra.kept:
            report_unknown(extra, wire_path, report)
        else:
            _place(tree, extra.path, extra.value)
    return tree


def report_unknown(extra: Extra, path: Path, report: Report) -> None:
    """Say that a field goes not even back into its own format (``Options.unknown_fields``)."""
    if extra.value is None and extra.file is None:
        return  # it says nothing, and its path may be that of a field in another spelling
    detail = "`{}`: not a field that is known of this API"
    report(lost(unknown_code(extra), (*path, *extra.path), detail, shown(str(extra.path[-1]))))


def report_foreign(part: Part, hub_path: Path, report: Report, *, asked: bool) -> None:
    """Say that a foreign part is left out; raise if it is part of what was asked."""
    if part.foreign is not None:
        kind = f"a `{shown(part.foreign.kind)}` part of {part.foreign.format}"
        if asked:
            msg = f"{kind} is not supported by the API of this model"
            raise UnsupportedError(msg, path=hub_path)
        report(lost(C.FOREIGN_PART, hub_path, "{}: the target has no such part", kind))


def report_signature(part: Part, hub_path: Path, place: str, report: Report) -> None:
    """Say that the thought mark or signature of a part is not written; ``place`` has none."""
    name = "thought mark or signature" if part.thought else "thought signature"
    if part.text == "":
        detail = "the {} of an empty text: {}"
        report(lost(C.BARE_SIGNATURE, hub_path, detail, name, place))
    else:
        report(lost(C.THOUGHT_SIGNATURE, hub_path, "the {}: {}", name, place))


def report_empty(turn: Turn, hub_path: Path, report: Report) -> None:
    """Say that a turn of which nothing is left is left out, with whatever else it had."""
    if not turn.parts:  # else it was said of each of them
        report(lost(C.EMPTY_TURN, hub_path, "a {} turn without text or image", turn.role))
    for extra in turn.extras:
        if not is_neutral(extra):
            path = (*hub_path, EXTRAS, *extra.path)
            code = unknown_code(extra, C.UNPLACED_FIELD)
            report(lost(code, path, "a field of a turn that is not written"))


def report_declared_type(image: Image, hub_path: Path, report: Report) -> None:
    """Say that the declared type of an image that is not here is not written."""
    if image.data is None and image.media_type is not None:
        detail = "declared type {} of a remote image"
        report(lost(C.MEDIA_TYPE, hub_path, detail, image.media_type))


def report_unknown_bytes(image: Image, hub_path: Path, report: Report) -> None:
    """Say that the type of an image is not written, if its bytes do not tell it either."""
    if image.data is not None and not sniff_base64(image.data):
        detail = "type {} of an image whose bytes do not tell it"
        report(lost(C.MEDIA_TYPE, hub_path, detail, image.media_type))


def report_response_format(request: ImageRequest, replies: str, report: Report) -> None:
    """Say that the wish for URLs is not written; ``replies`` is whose."""
    if request.response_format not in {None, "b64_json"}:
        asked = request.response_format
        detail = "response_format {}: {} hold their images themselves"
        report(lost(C.RESPONSE_FORMAT, "$.response_format", detail, asked, replies))


def report_picture(image: ImageSettings, report: Report, *, but: Iterable[str] = ()) -> None:
    """Say that what a response tells of its pictures is not written, but for some fields."""
    if image is ANY_IMAGE:
        return
    for name, value in structs.asdict(image).items():
        if value is not None and name not in but:
            detail = "the image's {}, {}: the target has no field for it"
            report(lost(C.IMAGE_PROPERTY, f"$.image.{name}", detail, name.replace("_", " "), value))


def report_block_beside(block: Block, report: Report) -> None:
    """Say that a refusal of the prompt is not written: there is an answer."""
    detail = "block reason {}: the reply has an answer all the same"
    report(lost(C.FINISH_REASON, "$.block", detail, block.reason))


def report_joined(candidates: int, entries: str, report: Report) -> None:
    """Say that the answers of a reply became one list; ``entries`` is what it is of."""
    if candidates > 1:
        detail = "{} candidates became one list of {}"
        report(lost(C.JOINED_CANDIDATES, "$.candidates", detail, candidates, entries))


def report_extra(extra: Extra, hub_path: Path, report: Report) -> None:
    """Say that a field of another format is not written; raise if that would change the request."""
    if is_neutral(extra):
        return
    path = (*hub_path, EXTRAS, *extra.path)
    name = shown(str(extra.path[-1]))
    if extra.policy == "refuse":
        msg = f"`{name}` is not supported by the API of this model"
        raise UnsupportedError(msg, path=path)
    detail = "`{}`, a field of {}: the target has no such field"
    report(lost(unknown_code(extra), path, detail, name, extra.format))


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
