"""Time live streams: one large picture in an event, and many small events.

The picture comes in slices of 64 KiB; its time is held against a copy of the event, and its memory
against the event. What a small event takes is counted by ``instructions.py``, and only shown here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

from live_streams import fed, one_event, sliced, small_event, translated, translator
from measure import peak_memory, race
from payloads import Shape

LARGE = 16 * 1024 * 1024
TARGETS = ("chat", "gemini", "images")
MOST_COPIES, MOST_MEMORY = 4, 1.3
_TURNS = 0.02  # seconds: few enough for one call at a turn


def show_pictures(size: int) -> bool:
    """Print what a picture takes, towards each format; whether a bound is broken."""
    body = one_event(Shape("a picture", size, 1)).data
    calls: dict[str, Callable[[], Any]] = {"copy": lambda: bytearray(body)}
    for target in TARGETS:
        calls[target] = partial(translated, sliced(body), "gemini", target)
        if body[1000:-1000] not in bytes(calls[target]()):
            raise SystemExit(f"gemini -> {target}: not the picture")
    times = race(calls, _TURNS)
    broken = False
    for target in TARGETS:
        copies = times[target].p10 / times["copy"].p10
        memory = peak_memory(calls[target]) / len(body)
        over = copies > MOST_COPIES or memory > MOST_MEMORY
        broken |= over
        shown = f"{copies:.1f} copies of it in time, {memory:.2f} in memory"
        what = f"one picture of {len(body):,} bytes, gemini -> {target}"
        print(f"{what}: {shown}{'  broken' if over else ''}")
    return broken


def show_small(events: int) -> None:
    """Print what small events take; raises unless their words come out."""
    for source in ("chat", "gemini"):
        for target in ("chat", "gemini"):
            slices = sliced(small_event(source).data * events)
            start = process_time()
            out = fed(translator(source, target), slices)
            each = (process_time() - start) / events * 1e6
            if b"".join(out).count(b"fox runs") != events:
                raise SystemExit(f"{source} -> {target}: words were lost")
            print(f"{events:,} small events, {source} -> {target}: {each:.1f} us an event")


def main() -> None:
    """Check the answers, measure, print, and hold against the bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, and time little")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    args = parser.parse_args()
    broken = show_pictures(LARGE // 64 if args.smoke else LARGE)
    show_small(500 if args.smoke else 100_000)
    raise SystemExit(1 if args.check and broken else 0)


if __name__ == "__main__":
    main()
