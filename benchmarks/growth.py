"""What grows: bytes, pictures, turns, losses, unknown fields, events of a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import attrs

from contenders import Direction
from payloads import Body, Shape, body_of
from works import KIB, PICTURES, REPLY, REQUEST, STREAM, Work, events, with_fields, work_of


@attrs.frozen
class Panel:
    """One thing that grows, in one direction: so much of it, and the work that has it."""

    grows: str
    direction: Direction
    numbers: Sequence[int]
    work: Callable[[int], Work] = attrs.field(repr=False)

    @property
    def title(self) -> str:
        """What the panel shows."""
        kind, source, target = self.direction
        return f"{kind} {source} -> {target}"

    def works(self) -> Iterator[tuple[int, Work]]:
        """The work for each number."""
        return ((number, self.work(number)) for number in self.numbers)


def _bytes(number: int) -> Work:
    return work_of(REPLY, Shape(f"{number} B", number, 1))


def _pictures(number: int) -> Work:
    return work_of(PICTURES, Shape(f"{number} pictures of 64 KiB", number * 64 * KIB, number))


def _turns(number: int) -> Work:
    return work_of(REQUEST, Shape(f"{number} turns", 0, turns=number))


def _losses(number: int) -> Work:
    build = partial(_with_texts, number)
    losses = number + 2  # and the model's name, and tokens that are not told by modality
    return Work(PICTURES, f"{number} texts lost", build, losses=losses)


def _with_texts(number: int) -> Body:
    """A Gemini reply with so many texts, for which the Images API has no place."""
    body = body_of("response", "gemini", Shape("1 KiB", KIB, 1))
    texts = b'{"text":"a fox"},' * (number - 1)
    return attrs.evolve(body, data=body.data.replace(b'"parts":[', b'"parts":[' + texts, 1))


def _unknown(number: int) -> Work:
    fields = {f"field_{name}": name for name in range(number)}
    return Work(REQUEST, f"{number} unknown fields", partial(with_fields, fields), losses=number)


_FEW_TO_MANY = (1, 3, 10, 30, 100, 300, 900)  # up to 1000 losses are listed
PANELS = [
    Panel("bytes", REPLY, [KIB << step for step in range(0, 15, 2)], _bytes),
    Panel("pictures", PICTURES, (1, 2, 5, 10, 20, 50), _pictures),
    Panel("turns", REQUEST, (1, 5, 15, 51, 151, 501), _turns),
    Panel("losses", PICTURES, _FEW_TO_MANY, _losses),
    Panel("unknown fields", REQUEST, _FEW_TO_MANY, _unknown),
    Panel("events", STREAM, (1, 10, 100, 1000, 10_000), events),
]
