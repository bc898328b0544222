"""Forms: the boundary that a content type names, where the parts are, and bodies of parts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart.multipart import parse_options_header

from cases import case
from imagewire import multipart
from imagewire.errors import MalformedError
from imagewire.multipart import (
    boundary_of,
    digest_boundary,
    form_of,
    is_form,
    occurs,
    pieces_of,
    scan_form,
)

FORM = "multipart/form-data; boundary=b"


def part(head: str, data: bytes = b"x") -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + data + b"\r\n"


class TestBoundary:
    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            case("plain", "boundary=z", b"z"),
            case("quoted", 'boundary="z"', b"z"),
            case("quoted-semicolon", 'boundary="y;boundary=z"', b"y;boundary=z"),
            case("escaped-quote", r'boundary="y\"z"', b'y"z'),
            case("half-quoted", 'boundary="z', b'"z'),
            case("spaces", " Boundary = z ", b"z"),
            case("in-another-value", 'x="boundary=y"; boundary=z', b"z"),
            case("in-another-value-with-semicolon", 'x="a; boundary=y"; boundary=z', b"z"),
            case("at-the-end-of-another-name", "x-boundary=y; boundary=z", b"z"),
            case("equals-sign", "boundary=----=_Part_1", b"----=_Part_1"),
            case("empty-parameters", ";;boundary=z;;", b"z"),
        ],
    )
    def test_it_is_the_one_parameter_of_that_name(self, parameters: str, expected: bytes) -> None:
        assert expected == boundary_of(f"multipart/form-data;{parameters}")

    @pytest.mark.parametrize(
        "parameters",
        [
            "boundary=y; boundary=z",
            "boundary=z; boundary=z",
            "boundary=y; BOUNDARY=z",
            'boundary="y"; x=1; boundary=z',
            "boundary*=utf-8''y; boundary=z",
            "boundary*0=y; boundary*1=z",
            "boundary*=z",
            "boundary=z; boundary",
            "boundary=",
            'boundary=""',
            "boundary",
            "x=boundary",
            'x="; boundary=z',
            "boundary=z\xe9",
            "boundary=\u72d0",
        ],
    )
    def test_none_or_several_are_refused(self, parameters: str) -> None:
        """What is told apart here and not elsewhere would be one form to one, another to others."""
        with pytest.raises(MalformedError, match="must name one boundary"):
            boundary_of(f"multipart/form-data; {parameters}")

    @given(st.text(alphabet='boundary=";\\*xyz \t', max_size=40))
    def test_what_is_read_is_what_the_parser_reads(self, rest: str) -> None:
        content_type = f"multipart/form-data; boundary=z{rest}"
        try:
            found = boundary_of(content_type)
        except MalformedError:
            return

        assert found == parse_options_header(content_type)[1][b"boundary"]

    @pytest.mark.parametrize(
        ("content_type", "expected"),
        [
            ("multipart/form-data", True),
            (" Multipart/Form-Data ; boundary=b", True),
            ("multipart/mixed; boundary=b", False),
            ("application/json; x=multipart/form-data", False),
        ],
    )
    def test_a_form_is_known_by_its_type(self, content_type: str, *, expected: bool) -> None:
        assert expected == is_form(content_type)


class TestParts:
    def test_offsets_lead_to_the_bytes(self) -> None:
        body = part('name="a"', b"one") + part('name="b"; filename="f"', b"") + b"--b--\r\n"
        found = scan_form(body, FORM)

        assert [("a", None, b"one"), ("b", "f", b"")] == [
            (each.name, each.filename, body[each.start : each.stop]) for each in found
        ]

    def test_bytes_that_begin_like_a_delimiter_belong_to_the_part(self) -> None:
        data = b"\r\n--bx\r\n--b\rx\r\n--b-x\r\n--"
        body = part('name="a"', data) + b"--b--\r\n"
        (found,) = scan_form(body, FORM)

        assert data == body[found.start : found.stop]

    @pytest.mark.parametrize(
        "body",
        [
            case("no-end", part('name="a"')),
            case("no-name", part("x=1") + b"--b--\r\n"),
            case("other-boundary", b"--c\r\n\r\n--c--\r\n"),
            case("empty", b""),
        ],
    )
    def test_what_is_no_form_is_refused(self, body: bytes) -> None:
        with pytest.raises(MalformedError):
            scan_form(body, FORM)

    def test_more_delimiters_than_a_form_can_need_are_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The parser looks at each byte of them, one after another."""
        monkeypatch.setattr(multipart, "MAX_PARTS", 3)
        three = part('name="a"', b"\r\n--bx\r\n--bx") + b"--b--\r\n"

        assert 1 == len(scan_form(three, FORM))
        with pytest.raises(MalformedError, match="a form may have 3 parts"):
            scan_form(part('name="b"') + three, FORM)


class TestWriting:
    @given(
        data=st.binary(max_size=30),
        cuts=st.lists(st.integers(min_value=0, max_value=30), max_size=5),
        needle=st.text(alphabet="ab", min_size=1, max_size=4),
        block=st.integers(min_value=1, max_value=9),
    )
    def test_a_boundary_is_found_however_the_bytes_are_cut(
        self, data: bytes, cuts: list[int], needle: str, block: int
    ) -> None:
        data = bytes(b"ab"[byte % 2] for byte in data)
        ends = [0, *sorted(cuts), len(data)]
        segments = [data[start:end] for start, end in pairwise(ends)]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(multipart, "_BLOCK", block)
            found = occurs(needle, [segments])

        assert (needle.encode() in data) == found

    def test_the_digest_does_not_depend_on_the_cuts(self) -> None:
        assert digest_boundary([(b"ab", b"c")]) == digest_boundary([(b"a", b""), (b"bc",)])

    def test_pieces_are_found_again(self) -> None:
        pieces = [b"a: b\r\n\r\n--y\r\n", b"\r\n"]
        content_type, body = form_of([[piece] for piece in pieces], "x y")

        assert ("x y", pieces) == pieces_of(bytes(body), content_type)
