"""Time live streams: one large picture in an event, and many small events.

The picture comes in slices of 64 KiB; its time is held against a copy of the event, and its memory
against the event. What a small event takes beyond msgspec, which decodes and encodes it, is counted
in instructions with valgrind (``--instructions``): the same on a busy machine as on an idle one.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import msgspec

import imagewire
from measure import peak_memory

SLICE = 64 * 1024
LARGE = 16 * 1024 * 1024
CONTEXT = imagewire.ReplyContext(model="m", stream="sse", include_usage=True, partial_images=0)
TARGETS = ("chat", "gemini", "images")
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
SMALL: dict[str, Any] = {
    "chat": {
        "id": "c1", "created": 5, "model": "m",
        "choices": [{"index": 0, "delta": {"content": "fox runs "}}],
    },
    "gemini": {"candidates": [{"content": {"parts": [{"text": "a fox runs in the snow "}]}}]},
}  # fmt: skip
MOST_COPIES, MOST_MEMORY, MOST_INSTRUCTIONS = 4, 1.3, 30_000
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def sent(document: Any) -> bytes:
    """A server-sent event, as Google frames it."""
    return b"data: " + msgspec.json.encode(document) + b"\r\n\r\n"


def large(size: int) -> bytes:
    """A Gemini stream of one picture."""
    part = {"inlineData": {"mimeType": "image/png", "data": PNG + "QUJD" * (size // 4)}}
    return sent({"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]})


def translated(slices: list[bytes], source: str, target: str) -> list[bytes | memoryview]:
    """The segments of a translation that is fed slices; raises for one that fails."""
    stream = imagewire.StreamTranslator(source=source, target=target, context=CONTEXT, created=1)
    out = [segment for data in slices for segment in stream.feed(data)]
    out += stream.close()
    if stream.failure is not None:
        raise SystemExit(f"{source} -> {target}: {stream.failure.message}")
    return out


def fed(source: str, target: str, events: int) -> float:
    """The seconds of so many small events; raises unless their words come out."""
    body = sent(SMALL[source]) * events
    stream = imagewire.StreamTranslator(source=source, target=target, context=CONTEXT, created=1)
    start = process_time()
    out = [
        piece for at in range(0, len(body), SLICE) for piece in stream.feed(body[at : at + SLICE])
    ]
    seconds = process_time() - start
    if sum(bytes(piece).count(b"fox runs") for piece in out) != events:
        raise SystemExit(f"{source} -> {target}: words were lost")
    return seconds


def plain(source: str, _: str, events: int) -> None:
    """What msgspec takes to decode and encode as many."""
    data = msgspec.json.encode(SMALL[source])
    for _event in range(events):
        msgspec.json.encode(msgspec.json.decode(data))


WAYS: dict[str, Callable[[str, str, int], Any]] = {"fed": fed, "plain": plain}


def instructions(way: str, source: str, target: str) -> int:
    """The instructions of one event, by what a thousand more of them take."""
    counts = []
    for count in ("200", "1200"):
        arguments = ["--run", way, source, target, count]
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
        command += ["--cachegrind-out-file=/dev/null", sys.executable, __file__, *arguments]
        found = subprocess.run(  # noqa: S603 - this script
            command, check=True, capture_output=True, text=True
        )
        match = _COUNT.search(found.stderr)
        counts.append(int(match[1].replace(",", "")) if match else 0)
    return (counts[1] - counts[0]) // 1000


def fastest(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The least seconds of a processor that each call takes, in turn, so that noise meets all."""
    times = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            start = process_time()
            kept = call()
            times[name] = min(times[name], process_time() - start)
            del kept
    return times


def show_pictures(size: int, rounds: int) -> bool:
    """Print what a picture takes, towards each format; whether a bound is broken."""
    body = large(size)
    slices = [body[at : at + SLICE] for at in range(0, len(body), SLICE)]
    calls: dict[str, Callable[[], Any]] = {"copy": lambda: bytearray(body)}
    for target in TARGETS:
        picture = b"".join(translated(slices, "gemini", target))
        if body[200:-200] not in picture:
            raise SystemExit(f"gemini -> {target}: not the picture")
        calls[target] = partial(translated, slices, "gemini", target)
    times = fastest(calls, rounds)
    broken = False
    for target in TARGETS:
        copies = times[target] / times["copy"]
        memory = peak_memory(calls[target]) / len(body)
        over = copies > MOST_COPIES or memory > MOST_MEMORY
        broken |= over
        shown = f"{copies:.1f} copies of it in time, {memory:.2f} in memory"
        what = f"one picture of {len(body):,} bytes, gemini -> {target}"
        print(f"{what}: {shown}{'  broken' if over else ''}")
    return broken


def show_small(events: int, *, count: bool) -> bool:
    """Print what small events take; whether the bound is broken."""
    broken = False
    for source in SMALL:
        for target in ("chat", "gemini"):
            each = fed(source, target, events) / events * 1e6
            line = f"{events:,} small events, {source} -> {target}: {each:.1f} us an event"
            if count:
                own = instructions("fed", source, target) - instructions("plain", source, target)
                over = own > MOST_INSTRUCTIONS
                broken |= over
                line += f", {own:,} instructions beyond msgspec{'  broken' if over else ''}"
            print(line)
    return broken


def main() -> None:
    """Check the answers, measure, print, and hold against the bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, and time little")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    parser.add_argument("--instructions", action="store_true", help="count them with valgrind")
    parser.add_argument("--run", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        way, source, target, count = args.run
        WAYS[way](source, target, int(count))
        return
    broken = show_pictures(LARGE // 64 if args.smoke else LARGE, 1 if args.smoke else 20)
    broken |= show_small(500 if args.smoke else 100_000, count=args.instructions)
    raise SystemExit(1 if args.check and broken else 0)


if __name__ == "__main__":
    main()
