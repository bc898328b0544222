"""The results as tables of Markdown, for those who do not read all of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bounds import ORJSON, Found
from results import BYTES, MEMCPY, PLAIN, Row
from spellings import BAD_BYTE, SPELLINGS
from works import EQUAL, HISTORY, PICTURES, REPLY, REQUEST, STREAM, THUMBNAILS, named

_LARGE = named(REPLY, "16 MiB")
#: The work that everyone does.
_COMMON = {
    "200 B request, chat to gemini": named(REQUEST, "200 B"),
    "2 KiB reply, gemini to chat": named(REPLY, "2 KiB"),
    "2 KiB reply, gemini to images": named(PICTURES, "2 KiB"),
    "16 MiB reply, gemini to chat": _LARGE,
    "16 MiB reply, gemini to images": named(PICTURES, "16 MiB"),
}
#: Work that is unlike it.
_UNLIKE = (
    named(REQUEST, HISTORY.name),
    named(REQUEST, f"{HISTORY.name}, by default"),
    named(REQUEST, "200 B, one setting lost"),
    named(REQUEST, "200 B, one unknown field"),
    named(("failure", "gemini", "chat"), "200 B"),
    *(named(direction, shape.name) for direction in (REQUEST, REPLY) for shape in THUMBNAILS),
    named(REPLY, EQUAL.name),
    *(named(REPLY, f"16 MiB {name}") for name in (*SPELLINGS, BAD_BYTE)),
    named(REQUEST, "16 MiB"),
    named(("request", "gemini", "images"), "16 MiB"),
    named(STREAM, "16 MiB in one event"),
    named(STREAM, "100000 events of 100 B"),
)
_SHORT = 5e-6  # seconds
_OTHERS = (ORJSON, "msgspec by hand", "json by hand")


def tables(rows: Sequence[Row], found: Sequence[Found]) -> Iterator[str]:
    """The lines of all tables."""
    by_work: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_work.setdefault(row.work, {})[row.contender] = row
    yield from _common(by_work)
    yield ""
    yield from _unlike(by_work)
    yield ""
    yield from _bounds(found)


def _common(by_work: dict[str, dict[str, Row]]) -> Iterator[str]:
    """Each contender at the work that all do, and its memory."""
    yield f"| | {' | '.join(_COMMON)} | memory of a 16 MiB reply to chat, times the body |"
    yield "|---|" + "--:|" * (len(_COMMON) + 1)
    for name in by_work.get(_LARGE, {}):
        times = [_time(by_work.get(work, {}).get(name)) for work in _COMMON.values()]
        row = by_work[_LARGE][name]
        yield f"| {name} | {' | '.join(times)} | {row.peak / row.size:.2f} |"


def _unlike(by_work: dict[str, dict[str, Row]]) -> Iterator[str]:
    """Other works, one a line: ours, and what it is held against."""
    yield f"| | imagewire | times a copy | plain path | {' | '.join(_OTHERS)} |"
    yield "|---|" + "--:|" * (3 + len(_OTHERS))
    for work in _UNLIKE:
        if work in by_work:
            rows = by_work[work]
            ours = rows[BYTES]
            others = [_time(rows.get(name)) for name in (PLAIN, *_OTHERS)]
            yield f"| {work} | {_time(ours)} | {_ratio(ours, rows)} | {' | '.join(others)} |"


def _bounds(found: Sequence[Found]) -> Iterator[str]:
    """The bounds that are broken."""
    yield f"| broken, {sum(not one.holds for one in found)} of {len(found)} bounds | at most | is |"
    yield "|---|--:|--:|"
    for one in found:
        if not one.holds:
            bound = one.bound
            measured = "not measured" if one.measured is None else f"{one.measured:.2f}"
            ratio = f"{bound.contender} / {bound.per}"
            yield f"| {bound.work}: {ratio} | {bound.at_most:.3g} | {measured} |"


def _time(row: Row | None) -> str:
    """The time that a tenth of the calls stay below, in two digits."""
    if row is None:
        return "-"
    unit, name = (1e-3, "ms") if row.p10 >= 1e-3 else (1e-6, "us")
    return f"{float(f'{row.p10 / unit:.2g}'):g} {name}"


def _ratio(ours: Row, rows: dict[str, Row]) -> str:
    """How far it is from one copy of the body, where that is long enough to be timed."""
    copy = rows[MEMCPY].p10
    return f"{ours.p10 / copy:.1f}" if copy > _SHORT else "-"
