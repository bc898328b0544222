"""Server-sent events, read in any slices and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagewire
from events import sliced
from imagewire.sse import Event, EventReader, starts_events, write_event

STREAM = (
    b"\xef\xbb\xbfdata: one\r\n\r\n: a comment\nevent: two\rdata: 1\rdata:2\r\rid: 7\nretry: 1\n\n"
    b"data: caf\xc3\xa9\n\ndata\n\n\n\ndata: a\ndata\ndata: b\n\nunknown: x\nevent: left out\n\n"
    b"data: last"
)
EVENTS = [
    ("one", ""),
    ("1\n2", "two"),
    ("café", ""),
    ("", ""),
    ("a\n\nb", ""),
    ("last", ""),
]


def read(*slices: bytes, max_event: int = 1000) -> list[tuple[str, str]]:
    reader = EventReader(max_event)
    found = [event for data in slices for event in reader.feed(data)]
    return [(bytes(event.data).decode(), event.name) for event in (*found, *reader.close())]


class TestReading:
    def test_every_line_end_and_field_is_read(self) -> None:
        assert EVENTS == read(STREAM)

    @given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
    def test_any_slicing_gives_the_same(self, cuts: list[int]) -> None:
        assert EVENTS == read(*sliced(STREAM, cuts))

    def test_byte_by_byte(self) -> None:
        assert EVENTS == read(*(STREAM[at : at + 1] for at in range(len(STREAM))))

    def test_a_line_end_of_two_letters_takes_one_line_feed_however_it_is_sliced(self) -> None:
        stream = b"data: 1\r\n\ndata: 2\r\r\n"

        assert [("1", ""), ("2", "")] == read(*(stream[at : at + 1] for at in range(len(stream))))

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_a_long_event_in_any_buffer(self, kind: type[bytes]) -> None:
        text = "x" * 300_000
        body = kind(f"data: {text}\n\n".encode())

        assert [(text, "")] == read(body, max_event=300_010)

    def test_json_without_a_field_is_an_event(self) -> None:
        """As Google writes an error within a stream."""
        error = '{\n  "error": {\n    "code": 503\n  }\n}'

        assert [("1", ""), (error, ""), ("2", "")] == read(
            f"data: 1\n\n{error}\n\ndata: 2\n\n".encode()
        )

    def test_nothing_is_no_event(self) -> None:
        assert [] == read(b"", b"\n\n", b"\r\n")

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"data: " + b"x" * 30, id="a line without an end"),
            pytest.param(b"data: xxxxx\n" * 9, id="an event without an end"),
            pytest.param(b": " + b"x" * 30, id="a comment without an end"),
        ],
    )
    def test_what_is_longer_than_an_event_may_be(self, body: bytes) -> None:
        with pytest.raises(imagewire.MalformedError, match="longer than 20 bytes"):
            read(body, max_event=20)

    @pytest.mark.parametrize("extra", [0, 1])
    @pytest.mark.parametrize("cut", [1, 5, 100])
    def test_the_bound_is_of_the_data_however_they_are_sliced(self, extra: int, cut: int) -> None:
        body = b"data: " + b"x" * (20 + extra) + b"\n\n"
        slices = [body[at : at + cut] for at in range(0, len(body), cut)]

        try:
            assert (0, [("x" * 20, "")]) == (extra, read(*slices, max_event=20))
        except imagewire.MalformedError:
            assert 1 == extra

    def test_the_end_of_a_stream_of_openai_is_known(self) -> None:
        assert [True, True, False] == [
            Event(data).is_done for data in (b"[DONE]", b"[DONE] ", b"{}")
        ]


class TestRecognition:
    @pytest.mark.parametrize(
        "head",
        [
            "data: {",
            "data:",
            "event: x",
            "id: 1",
            "retry:",
            ": hi",
            "\r\n\ndata:",
            "\ufeff:",
            "\n\ufeff:",
        ],
    )
    def test_a_field_or_a_comment_begins_a_stream(self, head: str) -> None:
        assert starts_events(head.encode()) is True

    @pytest.mark.parametrize("head", ["{", "[", "<html>", "database", '"data:"', " data:"])
    def test_nothing_else_does(self, head: str) -> None:
        assert starts_events(head.encode()) is False

    @pytest.mark.parametrize("head", ["", "\r\n", "d", "dat", "even", "\ufeff", "i"])
    def test_too_little_says_nothing(self, head: str) -> None:
        assert starts_events(head.encode()) is None

    def test_a_part_of_a_mark_says_nothing(self) -> None:
        assert starts_events(b"\xef\xbb") is None


class TestWriting:
    def test_an_event_is_read_back(self) -> None:
        body = write_event(b'{"a":1}') + write_event(b"2", "two") + write_event(b"3", end=b"\r\n")

        assert [('{"a":1}', ""), ("2", "two"), ("3", "")] == read(body)

    def test_the_space_that_google_s_client_wants_is_there(self) -> None:
        assert b"event: a\ndata: 1\n\n" == write_event(b"1", "a")
