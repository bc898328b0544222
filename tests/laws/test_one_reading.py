"""One reading: what a proxy is told of a request is what is sent, for any body and content type."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagewire
from cases import REQUESTS, Case
from fuzz_inputs import CHOICES
from odd_requests import OddRequest, odd_form, odd_json
from one_reading import assert_one_reading, thoughts_in
from outcomes import outcome

TARGETS = (*imagewire.FORMATS, "native")

#: Chance as it is: what Hypothesis would rather draw is a body that ends early.
ANY = given(
    random=st.randoms(use_true_random=True),
    target=st.sampled_from(TARGETS),
    options=st.sampled_from(CHOICES),
)


class TestOneReading:
    @pytest.mark.parametrize("case", REQUESTS, ids=str)
    def test_of_every_sample(self, case: Case) -> None:
        for target in TARGETS:
            for options in CHOICES:
                odd = OddRequest(case.body, case.source, case.content_type)
                assert_one_reading(odd, target, options)

    @settings(max_examples=1000)
    @ANY
    def test_of_any_form(self, random: Random, target: str, options: imagewire.Options) -> None:
        assert_one_reading(odd_form(random), target, options)

    @settings(max_examples=400)
    @ANY
    def test_of_any_json(self, random: Random, target: str, options: imagewire.Options) -> None:
        assert_one_reading(odd_json(random), target, options)


class TestThoughts:
    @settings(max_examples=200)
    @ANY
    def test_no_thought_is_part_of_a_prompt(
        self, random: Random, target: str, options: imagewire.Options
    ) -> None:
        odd = odd_json(random)

        sent = outcome(
            partial(
                imagewire.translate_request,
                odd.body,
                source=odd.endpoint,
                target=target,
                content_type=odd.content_type,
                options=options,
            )
        )

        if not isinstance(sent, imagewire.TranslationError) and sent.model:
            assert not thoughts_in(sent)
