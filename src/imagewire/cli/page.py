"""Pages to look at pictures: static HTML, without a script, everything in it escaped.

Each line of results has its pictures, its id, the model's words and how it ended; one without a
picture says why. SVG is shown, but nothing leads to it: on its own it could run a script.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from imagewire.batch.run.files import give_name, is_replaceable, part_of
from imagewire.batch.run.lock import open_own
from imagewire.cli.gallery import Entry

LINES = 500  #: of results, on a page

#: What tells a page of ours from any other file, which is not overwritten.
_GENERATOR = '<meta name="generator" content="imagewire">'

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
{generator}
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }}
body {{ margin: 1.5rem; }}
nav {{ margin: 1rem 0; word-spacing: .4rem; }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; }}
main {{ align-items: start; }}
article {{ border: 1px solid #8886; border-radius: .5rem; padding: .75rem; }}
article {{ overflow-wrap: anywhere; }}
h2 {{ font-size: 1rem; margin: 0 0 .5rem; }}
img {{ max-width: 100%; height: auto; display: block; margin-bottom: .5rem; background: #8882; }}
p {{ margin: .3rem 0; white-space: pre-wrap; }}
.error {{ color: #c33; }}
small {{ display: block; opacity: .7; }}
</style>
</head>
<body>
<h1>{title}</h1>
{nav}<main>
"""
_TAIL = """</main>
{nav}</body>
</html>
"""


def page_name(number: int) -> str:
    """The name of the page with a number."""
    return "index.html" if number == 1 else f"index-{number}.html"


def pages(entries: Iterable[Entry], count: int, title: str) -> Iterator[tuple[str, str]]:
    """The name and the HTML of each page, for so many lines."""
    last = max(1, -(-count // LINES))
    lines = (list(group) for _, group in groupby(entries, key=lambda entry: entry.line))
    for number in range(1, last + 1):
        nav = _nav(number, last)
        articles = [_article(entries_) for _, entries_ in zip(range(LINES), lines, strict=False)]
        head = _HEAD.format(title=escape(title), nav=nav, generator=_GENERATOR)
        yield page_name(number), "".join([head, *articles, _TAIL.format(nav=nav)])


def write_page(path: Path, html: str) -> None:
    """Write a page, in the place of an older one; raises `OSError` if that is something else."""
    if not is_replaceable(path):
        raise OSError(f"{path} exists and is not a regular file")
    if path.exists() and _GENERATOR not in path.read_text("utf-8", "replace")[:1000]:
        raise OSError(f"{path} exists, and is no page of ours")
    with os.fdopen(open_own(part_of(path)), "wb") as stream:
        stream.truncate()
        stream.write(html.encode())
    give_name(path)


def _nav(number: int, last: int) -> str:
    """The way to the other pages: the first, the last, and those nearby."""
    if last == 1:
        return ""
    near = {1, last, *range(max(1, number - 3), min(last, number + 3) + 1)}
    links = (
        f"<b>{each}</b>" if each == number else f'<a href="{page_name(each)}">{each}</a>'
        for each in sorted(near)
    )
    return f"<nav>{' '.join(links)}</nav>\n"


def _article(entries: list[Entry]) -> str:
    """A line of results."""
    first = entries[0]
    pieces = [f"<article>\n<h2>{escape(first.id)}</h2>\n"]
    texts: dict[str, None] = {}
    for entry in entries:
        pieces.append(_picture(entry) if entry.file else "")
        pieces.append(f'<p class="error">{escape(entry.error)}</p>\n' if entry.error else "")
        texts |= {entry.text: None} if entry.text else {}
    pieces += (f"<p>{escape(text)}</p>\n" for text in texts)
    finishes = dict.fromkeys(entry.finish for entry in entries if entry.finish)
    about = [f"line {first.line}", *finishes]
    return "".join([*pieces, f"<small>{escape(', '.join(about))}</small>\n</article>\n"])


def _picture(entry: Entry) -> str:
    """A picture that leads to its file, with its size and type."""
    address = escape(quote(entry.file or ""))
    size = f' width="{entry.width}" height="{entry.height}"' if entry.width else ""
    label = f"{entry.id}, picture {entry.index}"
    image = f'<img src="{address}" alt="{escape(label)}" loading="lazy"{size}>'
    if entry.media_type != "image/svg+xml":
        image = f'<a href="{address}">{image}</a>'
    about = f"{entry.width}x{entry.height}, " if entry.width else ""
    return f"{image}\n<small>{about}{escape(entry.media_type or '')}, {entry.bytes} bytes</small>\n"
