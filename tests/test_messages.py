from __future__ import annotations

import asyncio

import pytest

from imagewire.messages import Headers, Payload, Segment, read_headers

VIEW = memoryview(b"picture")
PAYLOAD = Payload(b'{"a":"', VIEW, b'"}')


class TestPayload:
    def test_bytes_joins_the_segments(self) -> None:
        """``bytes(payload)`` is the whole body."""

        assert b'{"a":"picture"}' == bytes(PAYLOAD)

    @pytest.mark.parametrize(
        ("payload", "expected"), [(PAYLOAD, 15), (Payload(), 0)], ids=["segments", "empty"]
    )
    def test_its_length_is_that_of_the_body(self, payload: Payload, expected: int) -> None:
        """Ready for content-length, before anything is joined."""

        assert expected == len(payload) == len(bytes(payload))

    def test_iterating_hands_out_the_segments_uncopied(self) -> None:
        """The image is never copied."""

        assert VIEW is list(PAYLOAD)[1]

    def test_async_iteration_gives_the_same(self) -> None:
        """``async for segment in body``."""

        async def collect() -> list[Segment]:
            return [segment async for segment in PAYLOAD]

        assert list(PAYLOAD) == asyncio.run(collect())

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            (Payload(b'{"a":"picture"}'), True),
            (Payload(b'{"a":"other"}'), False),
            (b'{"a":"picture"}', False),
        ],
        ids=["same-body", "other-body", "bytes"],
    )
    def test_equal_bodies_are_equal_however_cut(self, other: object, expected: bool) -> None:  # noqa: FBT001
        """And only payloads are."""

        assert expected == (other == PAYLOAD)

    def test_equal_bodies_have_one_hash(self) -> None:
        """So that they meet in a set."""

        assert 1 == len({PAYLOAD, Payload(b'{"a":"picture"}')})

    def test_its_repr_shows_no_payload(self) -> None:
        """A body may hold pictures and secrets."""

        assert "<Payload of 15 bytes>" == repr(PAYLOAD)


class TestHeaders:
    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            pytest.param({"Content-Type": "a"}, {"content-type": "a"}, id="mapping"),
            pytest.param([("Retry-After", "5")], {"retry-after": "5"}, id="pairs"),
            pytest.param([("X-A", "1"), ("x-a", "2")], {"x-a": "1"}, id="repeated"),
            pytest.param((), {}, id="none"),
        ],
    )
    def test_names_are_lower_case(self, headers: Headers, expected: dict[str, str]) -> None:
        """Headers are read case-insensitively; of a repeated one, the first."""

        assert expected == read_headers(headers)
