"""What is translated: every direction over bodies of every shape, and bodies meant to hurt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import attrs

import imagewire
from answers import WrongAnswerError, check_answer
from contenders import Direction
from imagewire.bypass import cut
from imagewire.messages import Payload
from live_streams import many_events, one_event, sliced
from live_streams import translated as streamed
from payloads import GEMINI_MODEL, GPT_MODEL, Body, Kind, Said, Shape, body_of, encoded
from spellings import BAD_BYTE, SPELLINGS, spelled, with_bad_byte

KIB, MIB = 1 << 10, 1 << 20

TEXT = Shape("200 B", 200)
ONE = [Shape("2 KiB", 2 * KIB, 1), Shape("2 MiB", 2 * MIB, 1), Shape("16 MiB", 16 * MIB, 1)]
TEN = Shape("16 MiB, ten images", 16 * MIB, 10)
HISTORY = Shape("a 50-turn history", 0, turns=51)  # and what is asked now
SHAPES: dict[Kind, list[Shape]] = {
    "request": [TEXT, *ONE, TEN, HISTORY],
    "response": [Shape("200 B", 200, 1), *ONE, TEN],
    "failure": [TEXT, *(Shape(shape.name, shape.size) for shape in ONE)],
}
#: Pictures as small as they come in numbers; in base64 they take a third more.
THUMBNAILS = [
    Shape(f"100 pictures of {size} KiB", 100 * size * KIB * 4 // 3, 100) for size in (4, 12, 16)
]
DIFFERENT = Shape("16 different pictures of 1 MiB", 16 * MIB, 16)
EQUAL = attrs.evolve(DIFFERENT, name="16 equal pictures of 1 MiB", are_equal=True)

REQUEST: Direction = ("request", "chat", "gemini")
REPLY: Direction = ("response", "gemini", "chat")
PICTURES: Direction = ("response", "gemini", "images")
STREAM: Direction = ("stream", "gemini", "chat")

_MODELS = {"gemini": GEMINI_MODEL, "images": GPT_MODEL, "chat": None, "responses": GPT_MODEL}
_NOW = 1735689600  # proxies know the time; where nobody does, a loss is told as well
#: The whole conversation is work; a Responses request needs a mainline model.
WHOLE = imagewire.Options(history="all", responses_model="gpt-6.1")


def named(direction: Direction, shape: str) -> str:
    """A work in words, as the table and the bounds say it."""
    kind, source, target = direction
    return f"{kind} {source} -> {target}, {shape}"


@attrs.frozen
class Work:
    """One translation; where ``plain`` is set, it is held against the path without the bypass.

    ``other`` is a body to hold it against, by its name. ``losses`` is how many there are to be,
    where that is what is timed.
    """

    direction: Direction
    shape: str
    build: Callable[[], Body] = attrs.field(repr=False)
    plain: bool = False
    other: tuple[str, Callable[[], Body]] | None = None
    options: imagewire.Options = WHOLE
    losses: int | None = None

    @property
    def name(self) -> str:
        """The work in words, as the table and the bounds say it."""
        return named(self.direction, self.shape)

    def translate(self, body: Body) -> Any:
        """What imagewire makes of a body."""
        kind, source, target = self.direction
        if kind != "request":
            status = 400 if kind == "failure" else 200
            return imagewire.translate_response(
                body.data, source=source, target=target, status=status, created=_NOW
            )
        endpoint = imagewire.Endpoint(source, "generate", {"gemini": GEMINI_MODEL}.get(source))
        return imagewire.translate_request(
            body.data,
            source=endpoint,
            target=target,
            model=_MODELS[target],
            content_type=body.content_type,
            options=self.options,
        )

    def payload(self, body: Body) -> Payload:
        """The answer in segments."""
        kind, source, target = self.direction
        if kind == "stream":
            return streamed(sliced(body.data), source, target)
        found: Payload = self.translate(body).body
        return found

    def outcome(self, body: Body) -> bytes:
        """The bytes of the answer, or what the error says."""
        try:
            return bytes(self.payload(body))
        except imagewire.TranslationError as error:
            return f"{error.status} {error}".encode()

    def outcome_plainly(self, body: Body) -> bytes:
        """The same without the bypass of large bodies."""
        least, cut.LARGE = cut.LARGE, 1 << 60
        try:
            return self.outcome(body)
        finally:
            cut.LARGE = least

    def check(self, body: Body, answer: bytes) -> None:
        """Raise `WrongAnswerError` if this is no right answer."""
        kind, _, target = self.direction
        if body.said is not None:
            check_answer(kind, target, answer, body.said)

    def check_ours(self, body: Body) -> None:
        """Raise `WrongAnswerError` if our answer is wrong, or reports what it should not."""
        answer = self.outcome(body)
        try:
            self.check(body, answer)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"{self.name}: {error}") from None
        if self.plain and self.outcome_plainly(body) != answer:
            raise WrongAnswerError(f"{self.name}: the plain path gives something else")
        if self.losses is not None:
            found = self.translate(body).losses
            if len(found) != self.losses:
                raise WrongAnswerError(f"{self.name}: not {self.losses} losses, but {found}")


def works() -> Iterator[Work]:
    """All of them; bodies are built when they are asked for."""
    for source, (kind, shapes) in product(imagewire.FORMATS, SHAPES.items()):
        for shape in shapes:
            if source == "images" and shape.turns > 1:
                continue  # its requests are one turn
            for target in imagewire.FORMATS:
                yield work_of((kind, source, target), shape)
    yield from _reported()
    yield from _many_pictures()
    yield from _spelled()
    yield from _unkind()
    yield from _streams()


def work_of(direction: Direction, shape: Shape, **about: Any) -> Work:
    """The work of a shape."""
    kind, source, _ = direction
    return Work(direction, shape.name, partial(body_of, kind, source, shape), **about)


def _reported() -> Iterator[Work]:
    """Requests of which something is lost, and reported."""
    last = partial(last_turn, HISTORY)
    default = imagewire.Options()
    yield Work(REQUEST, f"{HISTORY.name}, by default", last, options=default, losses=1)
    one = partial(with_fields, {"quality": "high"})
    yield Work(REQUEST, "200 B, one setting lost", one, losses=1)
    unknown = partial(with_fields, {"shiny": 1})
    yield Work(REQUEST, "200 B, one unknown field", unknown, losses=1)


def last_turn(shape: Shape) -> Body:
    """A chat request of which the last turn alone is to be sent."""
    body = body_of("request", "chat", shape)
    said = body.said or Said((), ())
    return attrs.evolve(body, said=attrs.evolve(said, texts=said.texts[-1:]))


def with_fields(fields: dict[str, Any]) -> Body:
    """A small chat request with more fields."""
    body = body_of("request", "chat", TEXT)
    return attrs.evolve(body, data=body.data[:-1] + b"," + encoded(fields)[1:])


def _many_pictures() -> Iterator[Work]:
    """Pictures that are small, or alike."""
    for direction, shape in product((REQUEST, REPLY), THUMBNAILS):
        yield work_of(direction, shape, plain=True)
    kind, source, _ = REPLY
    different = partial(body_of, kind, source, DIFFERENT)
    yield work_of(REPLY, EQUAL, other=("different pictures", different))


def _spelled() -> Iterator[Work]:
    """Base64 that is not as it is sent on; the longest of bodies."""
    for name, spell in SPELLINGS.items():
        yield Work(REPLY, f"16 MiB {name}", partial(spelled, spell, ONE[-1]), plain=True)
    for direction in (REPLY, PICTURES):
        shape = f"16 MiB {BAD_BYTE}"
        yield Work(direction, shape, partial(with_bad_byte, ONE[-1]), plain=True)


def _streams() -> Iterator[Work]:
    """A picture in one event, and words in many."""
    yield Work(STREAM, "16 MiB in one event", partial(one_event, ONE[-1]))
    yield events(100_000)


def events(number: int) -> Work:
    """A stream of so many events."""
    return Work(STREAM, f"{number} events of 100 B", partial(many_events, number))


def _unkind() -> Iterator[Work]:
    """Requests that look as if they had large payloads, and have none."""
    prompt = Shape("64 KiB of prose", 64 * KIB)
    yield work_of(REQUEST, prompt, plain=True)
    for name, unit in (("quotes", b'\\"'), ("backslashes", b"\\\\")):
        yield Work(REQUEST, f"16 MiB of escaped {name}", partial(_prompted, unit), plain=True)
        bare = partial(Body, unit[1:] * (16 * MIB), None)
        yield Work(REQUEST, f"16 MiB of bare {name}", bare, plain=True)


def _prompted(unit: bytes) -> Body:
    """A chat request whose prompt is one escape again and again."""
    message = {"role": "user", "content": "@"}
    document = encoded({"model": GEMINI_MODEL, "messages": [message]})
    return Body(document.replace(b"@", unit * (8 * MIB)), None)
