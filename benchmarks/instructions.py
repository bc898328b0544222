"""Count the instructions that a translation takes: the same on a busy machine as on an idle one.

Valgrind counts; one process imports, and forks for each count, once for some calls and once for
twice as many. What the second takes more is what the calls took, without start-up and warm-up.
``--check`` exits 1 where a bound is broken. The bounds are those of CPython 3.11 built without
profile-guided optimization: with it a call takes some 17 % less.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

import imagewire
from answers import check_answer
from contenders import Direction
from live_streams import small_event, translator
from machine import interpreter
from payloads import GEMINI_MODEL, Body, Said, Shape, body_of, encoded, prose

_WARM_UP = 20  # CPython 3.11 specializes bytecode in the first calls
_CALLS = 100
_NOW = 1735689600
_EVENTS = 20
_MSGSPEC = 7_000  # what msgspec alone takes to decode a small event of a stream, and encode it
_ALL = imagewire.Options(history="all")
# What every reply to the Images face loses as well.
_BESIDE = {"$.modelVersion", "$.usageMetadata.promptTokensDetails"}
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


@attrs.frozen
class Work:
    """A translation to count, and how many instructions it may take."""

    direction: Direction
    shape: str
    body: Body
    about: dict[str, Any] = attrs.field(factory=dict)
    losses: int = 0
    at_most: int | None = None

    @property
    def name(self) -> str:
        """The work in words."""
        kind, source, target = self.direction
        return f"{kind} {source} -> {target}, {self.shape}"

    def call(self) -> Callable[[], Any]:
        """What is counted: of a stream, more of its events."""
        kind, source, target = self.direction
        if kind == "stream":
            return partial(translator(source, target).feed, self.body.data)
        way = imagewire.translate_request if kind == "request" else imagewire.translate_response
        return partial(way, self.body.data, source=source, target=target, **self.about)

    def check(self) -> None:
        """Raise unless the answer says what was said, with the losses that are counted here."""
        kind, _, target = self.direction
        if kind == "stream":
            answer = b"".join(self.call()())
            words = self.body.said.texts[0] if self.body.said else ""
            if answer.count(words.encode()) != _EVENTS:
                raise SystemExit(f"{self.name}: words were lost")
            return
        outcome = self.call()()
        if self.body.said is not None:
            check_answer(kind, target, bytes(outcome.body), self.body.said)
        found = [loss for loss in outcome.losses if loss.path not in _BESIDE]
        if len(found) != self.losses:
            raise SystemExit(f"{self.name}: not {self.losses} losses, but {found}")


def works() -> Iterator[Work]:
    """What is counted, and the bounds of what is bounded."""
    yield from _requests()
    yield from _replies()
    for source in ("chat", "gemini"):
        for target in ("chat", "gemini"):
            way: Direction = ("stream", source, target)
            event = small_event(source)
            body = Body(event.data * _EVENTS, event.said)
            bound = _EVENTS * (_MSGSPEC + 30_000)
            yield Work(way, f"{_EVENTS} small events", body, at_most=bound)


def chosen(only: str) -> list[Work]:
    """The work whose name holds a text."""
    return [work for work in works() if only in work.name]


def _requests() -> Iterator[Work]:
    asked: Direction = ("request", "chat", "gemini")
    text = prose(57)
    document = {
        "model": f"google/{GEMINI_MODEL}",
        "messages": [{"role": "user", "content": text}],
    }
    said = Said((text,), ())
    yield Work(asked, "141 B", Body(encoded(document), said), at_most=80_000)
    lossy = Body(encoded(document | {"size": "1536x1024", "quality": "high"}), said)
    yield Work(asked, "two losses", lossy, losses=2, at_most=340_000)
    unknown = Body(encoded(document | {"shiny": 1}), said)
    yield Work(asked, "an unknown field", unknown, losses=1, at_most=190_000)

    turns = body_of("request", "chat", Shape("20 turns", 0, turns=20))
    # The last user message has number 18: an assistant's follows it.
    last = attrs.evolve(turns, said=turns.said and Said(turns.said.texts[18:19], ()))
    shape = "20 turns, default history"
    yield Work(asked, shape, last, losses=2, at_most=900_000)
    yield Work(asked, "20 turns, whole history", turns, {"options": _ALL})

    images = body_of("request", "images", Shape("141 B", 141))
    about = {"model": GEMINI_MODEL}
    yield Work(("request", "images", "gemini"), "141 B", images, about, at_most=95_000)


def _replies() -> Iterator[Work]:
    reply = body_of("response", "gemini", Shape("1.7 KiB", 1740, 1))
    about = {"created": _NOW}
    chat: Direction = ("response", "gemini", "chat")
    yield Work(chat, "1.7 KiB", reply, about, at_most=165_000)
    images: Direction = ("response", "gemini", "images")
    yield Work(images, "a text lost", reply, about, losses=1, at_most=230_000)

    words = "Resource has been exhausted (e.g. check quota)."
    error = {"code": 429, "message": words, "status": "RESOURCE_EXHAUSTED"}
    failure = Body(encoded({"error": error}), Said((words,), ()))
    yield Work(
        ("failure", "gemini", "chat"), "429", failure, about | {"status": 429}, at_most=200_000
    )


def fork_each(several: list[Work]) -> None:
    """Call in a process of its own, so often and twice as often, and print whose process it was."""
    gc.collect()
    gc.freeze()  # what was imported is walked over by no collection
    for work in several:
        call = work.call()
        for calls in (_CALLS, 2 * _CALLS):
            child = os.fork()
            if not child:
                for _ in range(_WARM_UP + calls):
                    call()
                os._exit(0)
            os.waitpid(child, 0)
            print(child, flush=True)


def counted(only: str, several: list[Work]) -> dict[str, int]:
    """The instructions that one call of each takes."""
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is not installed")
    with TemporaryDirectory() as folder:
        count = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
        count += ["--cachegrind-out-file=/dev/null", f"--log-file={folder}/%p"]
        done = subprocess.run(  # noqa: S603 - itself
            [*count, sys.executable, __file__, "--fork", "--only", only],
            env=os.environ | {"PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        totals = [_total(Path(folder, child)) for child in done.stdout.split()]
    return {
        work.name: (twice - once) // _CALLS
        for work, once, twice in zip(several, totals[::2], totals[1::2], strict=True)
    }


def _total(log: Path) -> int:
    found = _COUNT.search(log.read_text())
    if found is None:
        raise SystemExit(f"valgrind counted nothing: {log.read_text()}")
    return int(found[1].replace(",", ""))


def main() -> None:
    """Check the answers, count, print, and hold against the bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    parser.add_argument("--only", default="", metavar="NAME", help="work whose name holds this")
    parser.add_argument("--fork", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    several = chosen(args.only)
    if args.fork:
        fork_each(several)
        return
    for work in several:
        work.check()
    counts = counted(args.only, several)
    print(f"instructions of a call, {interpreter()}\n")
    print(f"{'work':56}{'counted':>12}{'bound':>12}")
    broken = False
    for work in several:
        count, bound = counts[work.name], work.at_most
        over = bound is not None and count > bound
        broken |= over
        allowed = "" if bound is None else f"{bound:12,}"
        print(f"{work.name:56}{count:12,}{allowed}{'  broken' if over else ''}")
    raise SystemExit(1 if args.check and broken else 0)


if __name__ == "__main__":
    main()
