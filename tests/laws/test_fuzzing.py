"""Every fuzz target for a moment; ``fuzzing.py`` runs one for long."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import TARGETS, inputs, varied

EACH = pytest.mark.parametrize("name", TARGETS)


class TestTargets:
    @EACH
    def test_every_sample_is_sound_as_it_is(self, name: str) -> None:
        """A target that no sample reaches would find nothing."""
        starts = inputs(name)

        for data in starts:
            TARGETS[name](data)

        assert len(starts) >= 4

    @EACH
    @settings(max_examples=150)
    @given(seed=st.integers(0, 2**64), rounds=st.integers(1, 6))
    def test_any_mutation_gives_a_value_or_a_sound_error(
        self, name: str, seed: int, rounds: int
    ) -> None:
        random = Random(seed)
        data = random.choice(inputs(name))
        for _ in range(rounds):
            data = varied(data, random)

        TARGETS[name](data)


class TestMutations:
    def test_one_seed_makes_one_input(self) -> None:
        """What is found can be found again."""
        data = inputs("translate_request")[0]

        assert varied(data, Random(7)) == varied(data, Random(7))

    def test_a_mutation_mostly_keeps_the_body_readable(self) -> None:
        """Else every run would stop at the first comma."""
        values = 0
        for seed in range(300):
            random = Random(seed)
            values += b'"messages"' in varied(random.choice(inputs("chat.read_request")), random)

        assert values > 150
