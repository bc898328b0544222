"""Pages to look at pictures: what is on them, and that nothing in them acts."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from batch_lines import answered, gemini, text
from commands import gemini_answer, is_occupied, occupy, run
from imagewire.cli import page as page_module
from imagewire.cli.gallery import Entry
from imagewire.cli.page import pages

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"
VOID = {"meta", "img", "br", "link"}
SVG = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def saved(tmp_path: Path, *lines: bytes) -> Page:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"".join(lines))
    run("save", path, "-o", tmp_path / "out", "--page")
    return Page((tmp_path / "out" / "index.html").read_text("utf-8"))


class TestPages:
    def test_a_line_has_its_pictures_its_id_its_text_and_how_it_ended(self, tmp_path: Path) -> None:
        page = saved(tmp_path, gemini("a fox #1", answered(words="a red\nfox")))

        (image,), links = page.all("img"), [link["href"] for link in page.all("a")]
        assert "a%20fox%20#1-1.png" != image["src"]
        assert (tmp_path / "out" / unquote(image["src"] or "")).is_file()
        assert [image["src"]] == links
        for words in ("a fox #1", "a red\nfox", "STOP", "line 1", "image/png"):
            assert words in page.text

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            (text({"key": "a", "error": {"code": 8, "message": "no quota left"}}), "no quota left"),
            (gemini("a", {"promptFeedback": {"blockReason": "SAFETY"}}), "SAFETY"),
            (gemini("a", gemini_answer({"text": "I will not."})), "I will not."),
            (
                text({"key": "a", "response": {"data": [{"url": "https://x.example/y"}]}}),
                "not fetched",
            ),
            (b"broken\n", "not a result"),
        ],
    )
    def test_a_line_without_a_picture_says_why(
        self, tmp_path: Path, line: bytes, words: str
    ) -> None:
        page = saved(tmp_path, line)

        assert ([], True) == (page.all("img"), words in page.text)
        assert {"class": "error"} in page.all("p")

    def test_nothing_in_it_acts(self, tmp_path: Path) -> None:
        """Whatever ids, texts, reasons and errors hold, it is shown."""
        blocked = {"candidates": [{"finishReason": HOSTILE, "finishMessage": HOSTILE}]}
        page = saved(
            tmp_path,
            gemini(HOSTILE, answered(words=HOSTILE)),
            text({"key": HOSTILE, "error": {"message": HOSTILE}}),
            gemini("b", blocked),
        )

        assert ([], 1) == (page.all("script"), len(page.all("img")))
        assert page.text.count("<script>alert(1)</script>") >= 5
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
        policy = [each["content"] for each in page.all("meta") if "http-equiv" in each]
        assert [True] == [(each or "").startswith("default-src 'none'") for each in policy]

    def test_nothing_leads_to_a_picture_that_may_act(self, tmp_path: Path) -> None:
        part = {"inlineData": {"mimeType": "image/svg+xml", "data": SVG}}

        page = saved(tmp_path, gemini("a", gemini_answer(part)))

        assert (1, []) == (len(page.all("img")), page.all("a"))

    def test_each_page_has_so_many_lines(self) -> None:
        entries = [Entry(line=n, id=f"id-{n // 2}", index=n % 2) for n in range(1200)]

        found = dict(pages(entries, 1200, "many"))

        assert ["index.html", "index-2.html", "index-3.html"] == [*found]
        assert [500, 500, 200] == [html.count("<article>") for html in found.values()]
        assert ["index-2.html", "index-3.html"] * 2 == [
            link["href"] for link in Page(found["index.html"]).all("a")
        ]

    def test_a_line_with_several_pictures_is_one(self) -> None:
        entries = [Entry(line=1, id="a", index=n, file=f"a-{n}.png", text="t") for n in (1, 2)]

        ((_, html),) = pages(entries, 1, "one")

        assert (1, 2, 1) == (
            html.count("<article>"),
            html.count("<img"),
            Page(html).text.count("t\n"),
        )

    def test_of_many_pages_those_nearby_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(page_module, "LINES", 1)

        found = dict(pages([Entry(line=n, id="a") for n in range(1, 21)], 20, "x"))

        links = [link["href"] for link in Page(found["index-10.html"]).all("a")]
        near = [f"index-{n}.html" for n in (7, 8, 9, 11, 12, 13)]
        assert ["index.html", *near, "index-20.html"] * 2 == links

    def test_a_page_of_somebody_else_is_not_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "index.html").write_text("mine")
        path = tmp_path / "results.jsonl"
        path.write_bytes(gemini("a"))

        for about in ([], ["--resume"]):
            result = run("save", path, "-o", tmp_path / "out", "--page", *about)

            assert (1, True) == (result.exit_code, "is no page of ours" in result.stderr)
        assert "mine" == (tmp_path / "out" / "index.html").read_text()

    @pytest.mark.parametrize("kind", ["pipe", "directory", "link"])
    def test_what_is_no_regular_file_is_not_even_read(self, tmp_path: Path, kind: str) -> None:
        """Reading a pipe would wait for ever."""
        path = tmp_path / "index.html"
        occupy(path, kind)
        (tmp_path / "results.jsonl").write_bytes(gemini("a"))

        result = run("save", tmp_path / "results.jsonl", "-o", tmp_path, "--page")

        words = f"imagewire: {path} exists and is not a regular file\n"
        assert (1, words, True) == (result.exit_code, result.stderr, is_occupied(path, kind))

    def test_the_input_is_no_file_that_is_written(self, tmp_path: Path) -> None:
        source = tmp_path / "index.html.part"
        source.write_bytes(gemini("a"))

        result = run("save", source, "-o", tmp_path, "--page")

        assert (2, gemini("a")) == (result.exit_code, source.read_bytes())

    def test_one_of_ours_is(self, tmp_path: Path) -> None:
        expected = saved(tmp_path, gemini("a"), gemini("b")).text
        path = tmp_path / "results.jsonl"

        run("save", path, "-o", tmp_path / "out", "--page", "--resume")

        assert expected == Page((tmp_path / "out" / "index.html").read_text("utf-8")).text


def test_the_parser_sees_what_acts() -> None:
    found: Any = Page(f"<p>{HOSTILE}</p>")

    assert (1, 1) == (len(found.all("script")), len(found.all("img")))
