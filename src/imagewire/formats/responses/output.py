"""What the items of ``output`` tell, whether they come in one reply or one by one.

Pictures and words are told as they are read. What a call without a picture means depends on all
others: beside a picture it is reported as missing, and else it is how the answer was refused. So it
waits for the last item, as does an item that cannot be read (`Reading.spoiled`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from imagewire.codec.reading import Reading, drop
from imagewire.errors import MalformedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.failure import is_ours, read_last
from imagewire.formats.responses.items import Placed, kept_item, note, read_item
from imagewire.formats.shared.openai_image import PROPERTY_FIELDS, read_properties
from imagewire.loss import C, Report, lost
from imagewire.model import (
    ANY_IMAGE,
    Block,
    Candidate,
    Extra,
    ImageResponse,
    ImageSettings,
    Part,
)
from imagewire.paths import Path
from imagewire.rules.finish import BLOCKING
from imagewire.rules.urls import is_absolute

#: An item, where it stands on the wire, and which of the reply's it is.
Standing = tuple[Path, int, wire.Item]


class End(msgspec.Struct, frozen=True):
    """How an item says that an answer ended, and what its own format keeps of it."""

    place: int
    answer: Candidate
    status: str | None
    kept: tuple[Extra, ...]


class Output(msgspec.Struct):
    """What items told, and the ends that wait; ``has_picture`` and ``is_said`` are of all so far.

    ``image`` is what they say of all their pictures alike, ``kept`` are marks of other items.
    """

    image: ImageSettings = ANY_IMAGE
    parts: tuple[Part, ...] = ()
    kept: tuple[Extra, ...] = ()
    ends: list[End] = []
    has_picture: bool = False
    is_said: bool = False

    def settled(self, report: Report, wire_path: Path = ()) -> ImageResponse:
        """One answer, or the block of its prompt, once the response there has no more items."""
        ends = self.ends
        if self.has_picture:
            for end in ends:
                if end.answer.finish != "STOP":
                    why = end.answer.finish_message or end.status
                    detail = "a call made no image: {}"
                    path = (*wire_path, "output", end.place)
                    report(lost(C.MISSING_IMAGE, path, detail, why))
                    drop(end.kept, wire_path, "a call that made no image", report)
            ends = [end for end in ends if end.answer.finish == "STOP"]
        kept = self.kept + tuple(extra for end in ends for extra in end.kept)
        answers = [end.answer for end in ends]
        words = "\n".join(each.finish_message or "" for each in answers if each.finish == "STOP")
        refusals = [each for each in answers if each.finish != "STOP"]
        first = min(refusals, key=lambda each: each.finish not in BLOCKING, default=Candidate())
        finish, message = first.finish, first.finish_message or words or None
        if finish == "SAFETY" and not self.is_said:
            block = Block(reason=finish, message=message)
            return ImageResponse(block=block, image=self.image, extras=kept)
        finish = "IMAGE_SAFETY" if finish == "SAFETY" else finish
        answer = Candidate(parts=self.parts, finish=finish, finish_message=message)
        return ImageResponse(candidates=(answer,), image=self.image, extras=kept)


def standing(response: wire.Response, wire_path: Path = ()) -> Iterable[Standing]:
    """The items of a response at a wire path."""
    for place, item in enumerate(response.output or ()):
        yield (*wire_path, "output", place), place, item


def read_items(items: Sequence[Standing], reading: Reading) -> Output:
    """What items tell."""
    pictures = [item for _, _, item in items if item.type == wire.CALL and item.result]
    image = _read_image(pictures)
    parts: list[Part] = []
    kept: list[Extra] = []
    ends: list[End] = []
    for wire_path, place, item in items:
        if reading.spoiled is not None and wire_path in reading.spoiled:
            continue  # what is no item is reported as that
        found: list[Placed] | None = None
        end = read_last(item)
        if end is None:
            try:
                found = read_item(item, reading, wire_path, image)
            except MalformedError as error:
                reading.spoil(wire_path, error)
                reading.take(wire_path)
                continue
        if found is not None:
            parts += note(found, reading, wire_path, ("candidates", 0, "parts"), len(parts))
            continue
        extras = kept_item(item, reading, wire_path, ("output", place))
        if end is None:
            kept += extras
        else:
            is_plain = len(extras) == 1 and is_ours(item, end)
            ends.append(End(place, end, item.status, () if is_plain else extras))
    return Output(
        image=image,
        parts=tuple(parts),
        kept=tuple(kept),
        ends=ends,
        has_picture=any(part.image is not None for part in parts),
        is_said=bool(parts),
    )


def _read_image(pictures: Sequence[wire.Item]) -> ImageSettings:
    """What a reply says of all of its pictures alike; what differs stays with each."""
    if not pictures:
        return ANY_IMAGE
    told = {name: {getattr(item, name) for item in pictures} for name in PROPERTY_FIELDS}
    alike = {name: values.pop() for name, values in told.items() if len(values) == 1}
    inline = not all(is_absolute(item.result or "") for item in pictures)
    return read_properties(wire.Item(**alike), inline=inline)
