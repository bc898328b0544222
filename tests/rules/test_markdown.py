"""Pictures in texts: what is read in slices is what is read whole, and only pictures wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import GIF_URI, PICTURE, PNG, PNG_URI
from imagewire.loss import Loss
from imagewire.model import Image, Part
from imagewire.rules.markdown import LONGEST, MarkdownReader
from slices import cuts, joined, sliced_text, texts

PATH = ("candidates", 0, "parts", 0)
GIF = Part(image=Image(data=GIF_URI.partition(",")[2], media_type="image/gif"))
REMOTE = Part(image=Image(url="https://a.b/c"))
BEGUN = "![a](data:image/png;base64,"


def read(*slices: str, broken: bool = False) -> list[Part]:
    """The parts of a text that ends, with neighbouring texts as one."""
    reader = MarkdownReader()
    found: list[Part] = []
    for text in slices:
        found += reader.read(text, PATH, lambda _: None)
    found += reader.close(PATH, lambda _: None, broken=broken)
    return joined(found)


def whole(text: str) -> list[Part]:
    return joined(MarkdownReader().read(text, PATH, lambda _: None, ended=True))


def told(*slices: str) -> list[str | None]:
    """What is told with each slice: the text, or None of a picture."""
    reader = MarkdownReader()
    return [part.text for text in slices for part in reader.read(text, PATH, lambda _: None)]


class TestSlices:
    @given(text=texts, places=cuts)
    def test_a_text_in_any_slices_is_read_as_the_whole_text_is(
        self, text: str, places: list[int]
    ) -> None:
        assert whole(text) == read(*sliced_text(text, places))

    @given(text=texts)
    def test_letter_by_letter_too(self, text: str) -> None:
        text = text.replace("x" * 9000, "")

        assert whole(text) == read(*text)

    @given(text=st.text("![]()\n da:,=", max_size=40), places=cuts)
    def test_signs_alone_are_read_alike(self, text: str, places: list[int]) -> None:
        assert whole(text) == read(*sliced_text(text, places))

    @given(text=texts, places=cuts)
    def test_no_letter_of_a_text_without_pictures_is_lost(
        self, text: str, places: list[int]
    ) -> None:
        parts = read(*sliced_text(text, places))

        assert any(part.image for part in parts) or [Part(text=text)] == parts

    @pytest.mark.parametrize("size", [LONGEST - 4, LONGEST - 3, LONGEST - 2])
    def test_an_alt_text_has_its_bound_in_slices_too(self, size: int) -> None:
        slices = "![", "a" * size, f"]({PNG_URI})"

        assert whole("".join(slices)) == read(*slices)
        assert [PICTURE] * (size <= LONGEST - 4) == [p for p in read(*slices) if p.image]

    @pytest.mark.parametrize("size", [LONGEST - 8, LONGEST - 7])
    def test_an_address_has_one_too(self, size: int) -> None:
        slices = "![a](", "https://", "a" * size, ")"

        assert whole("".join(slices)) == read(*slices)
        assert (size <= LONGEST - 8) == (read(*slices)[0].image is not None)

    @pytest.mark.parametrize("size", [LONGEST - 23, LONGEST - 22])
    def test_what_a_data_uri_says_before_its_data_has_one_too(self, size: int) -> None:
        """Of the address: 23 letters beside these, up to the comma."""
        slices = "![a](data:image/png", ";" + "a" * size, f";base64,{PNG}", ")"

        assert whole("".join(slices)) == read(*slices)
        assert (size <= LONGEST - 23) == (read(*slices)[0].image is not None)

    def test_data_have_no_bound(self) -> None:
        data = "iVBORw0KGgoA" + "A" * 4 * LONGEST

        [part] = read("![a](data:;base64,", *sliced_text(data, range(0, len(data), 100)), ")")

        assert part.image is not None
        assert (data, "image/png") == (part.image.data, part.image.media_type)

    @pytest.mark.parametrize("tail", [")", "](", "](data:,x)", " )", "!", ""])
    def test_long_data_of_other_kinds_end_as_they_do_in_a_whole_text(self, tail: str) -> None:
        for head in (PNG_URI, "data:image/svg+xml,<svg/>"):
            slices = "![a](", head, "]" * 9000, "%5d" * 9000, "]", *tail, "x"

            assert whole("".join(slices)) == read(*slices)

    def test_losses_are_those_of_the_picture(self) -> None:
        losses: list[Loss] = []
        reader = MarkdownReader()
        for text in ("![a](data:image/webp;base64,", PNG, ")", "x"):
            reader.read(text, PATH, losses.append)
        reader.close(PATH, losses.append)

        assert ["wrong_media_type"] == [loss.code for loss in losses]


class TestBareDataURIs:
    @pytest.mark.parametrize("text", [PNG_URI, f"{PNG_URI}\n", PNG_URI.replace("data", "DATA")])
    def test_a_text_that_is_nothing_else_is_a_picture_when_it_ends(self, text: str) -> None:
        assert [PICTURE] == read(*text)

    def test_one_behind_words_is_text(self) -> None:
        assert [Part(text=f"a {PNG_URI}")] == read("a ", PNG_URI)

    def test_one_that_is_none_may_have_pictures_behind_it(self) -> None:
        assert [Part(text="data: see"), PICTURE] == read("data", ": see", f"\n\n![a]({PNG_URI})")

    def test_one_in_slices_that_is_broken_off_may_be_half_a_picture(self) -> None:
        half = PNG_URI[: len(PNG_URI) // 2]

        assert [Part(text=half)] == read(half[:40], half[40:], broken=True)

    def test_one_in_one_slice_is_whole(self) -> None:
        assert [PICTURE] == read(PNG_URI, broken=True)

    def test_a_long_one_in_slices_that_is_broken_off_is_text_too(self) -> None:
        half = "data:image/png;base64,iVBORw0KGgoA" + "A" * 4 * LONGEST

        assert [Part(text=half + "AAAA")] == read(half, "AAAA", broken=True)


class TestWaiting:
    @pytest.mark.parametrize(
        ("slices", "expected"),
        [
            (("a", "b c", " d"), ["a", "b c", " d"]),
            (("a!", " b"), ["a", "! b"]),
            (("a\n", "b"), ["a", "\nb"]),
            (("a\n\n\n", "b"), ["a\n", "\n\nb"]),
            (("[a](b) c",), ["[a](b) c"]),
            (("date", " of"), ["date", " of"]),
            (("dat", "e"), ["date"]),
            (("a ![b", " c"), ["a "]),
            (("![b", "![c"), ["![b"]),
            (("![b](", "see it"), ["![b](see it"]),
            (("![b](fox", " and more"), ["![b](fox and more"]),
            (("![b](javascript", ":"), ["![b](javascript:"]),
            (("![b](", "](c"), ["![b](](c"]),
            ((BEGUN, "AAAA", "A.", "b"), [f"{BEGUN}AAAAA.", "b"]),
            ((BEGUN, "AAAA\n\n", "这是"), [f"{BEGUN}AAAA\n\n这是"]),
            ((BEGUN, "\u3000AAAA"), []),
            (("![" + "a" * LONGEST, "b"), ["![" + "a" * LONGEST, "b"]),
            (("![b](" + "a" * 39, "a", "a"), ["![b](" + "a" * 40, "a"]),
            (("![b](https://", "a" * LONGEST, "a"), ["![b](https://" + "a" * LONGEST, "a"]),
            (("data:" + "a" * LONGEST, "a"), ["data:" + "a" * LONGEST, "a"]),
            (("data: it is, of course", " such" * 80), ["data: it is, of course" + " such" * 80]),
            (("data:text/plain;base64," + "AAAA" * 96,), ["data:text/plain;base64," + "AAAA" * 96]),
            ((BEGUN + "A" * LONGEST, "AAAA", "é"), [BEGUN + "A" * LONGEST + "AAAAé"]),
            ((f"![a]({PNG_URI})", "\n", "\nb"), [None, "b"]),
            ((f"![a]({PNG_URI})", "\n", "b"), [None, "\nb"]),
            ((f"![a]({PNG_URI})\n\nb", "\n"), [None, "b"]),
            ((f"a\n\n![a]({PNG_URI[:40]}", f"{PNG_URI[40:]}) b"), ["a", None, " b"]),
        ],
    )
    def test_what_can_be_no_picture_is_told_at_once(
        self, slices: tuple[str, ...], expected: list[str | None]
    ) -> None:
        assert expected == told(*slices)


class TestPictures:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            (f"![a]({PNG_URI})![]({GIF_URI})", [PICTURE, GIF]),
            (f"![a]({PNG_URI})\n\n\n\n![]({GIF_URI})", [PICTURE, GIF]),
            (f"![a]({PNG_URI})\n\n\n![]({GIF_URI})", [PICTURE, Part(text="\n"), GIF]),
            (f"a\n\n![a](  {PNG_URI}\n)\n\nb", [Part(text="a"), PICTURE, Part(text="b")]),
            (f"![a](b ![c]({PNG_URI})", [Part(text="![a](b "), PICTURE]),
            (f"![a]({PNG_URI}![c](https://a.b/c)", [Part(text=f"![a]({PNG_URI}"), REMOTE]),
        ],
    )
    def test_pictures_and_the_texts_around_them(self, text: str, parts: list[Part]) -> None:
        assert (parts, parts) == (whole(text), read(*text))
