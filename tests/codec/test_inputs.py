"""A body is the same body as bytes, as a view, as text and as parsed JSON."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest
from hypothesis import given, settings

import imagewire
from cases import CASES, Case
from fuzz_inputs import CHOICES
from imagewire.model import ImageRequest, ImageResponse
from outcomes import assert_same, assert_same_outcomes, equal_bodies
from strategies import requests, responses

TARGETS = list(imagewire.FORMATS)
EACH = pytest.mark.parametrize(
    ("case", "target"),
    list(product(CASES, TARGETS)),
    ids=[f"{case}-to-{target}" for case, target in product(CASES, TARGETS)],
)
GENERATED = pytest.mark.parametrize("name", TARGETS)


class TestSamples:
    @EACH
    def test_every_form_of_a_body_gives_the_same(self, case: Case, target: str) -> None:
        """Bytes, losses, headers, contexts and errors."""
        others = equal_bodies(case.body)

        for options in CHOICES:
            translate = partial(case.translate, target=target, options=options)
            assert_same_outcomes(translate, case.body, others)

        assert len(others) >= (2 if case.file.endswith(".http") else 3)  # pictures are no text

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_a_view_with_gaps_is_read_too(self, case: Case) -> None:
        """Of a view that takes every second byte, those bytes are the body."""
        view = memoryview(bytes(byte for byte in case.body for _ in "ab"))[::2]

        translate = partial(case.translate, target="chat", options=CHOICES[0])

        assert_same_outcomes(translate, case.body, [view])

        assert not view.c_contiguous


class TestGenerated:
    @GENERATED
    @settings(max_examples=60)
    @given(value=requests())
    def test_a_request(self, name: str, value: ImageRequest) -> None:
        spoke = imagewire.FORMATS[name]
        try:
            wire = spoke.write_request(value).value
        except imagewire.TranslationError:
            return  # the format cannot say it
        body, kind = bytes(wire.body), wire.headers["content-type"]

        first, *others = (
            spoke.read_request(form, model=wire.model, content_type=kind)
            for form in [body, *equal_bodies(body)]
        )

        assert len(others) >= 2
        for other in others:
            assert_same(first, other)

    @GENERATED
    @settings(max_examples=60)
    @given(value=responses())
    def test_a_response(self, name: str, value: ImageResponse) -> None:
        spoke = imagewire.FORMATS[name]
        wire = spoke.write_response(value).value
        body = bytes(wire.body)

        first, *others = (
            spoke.read_response(form)
            if wire.status == 200
            else spoke.read_failure(form, status=wire.status)
            for form in [body, *equal_bodies(body)]
        )

        assert 4 == len(others)
        for other in others:
            assert_same(first, other)
