"""A small body whose unknown fields all stand at its top is read without a walk: unseen."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagewire
from cases import CASES, Case
from imagewire.codec import document
from imagewire.paths import other_spellings
from mutation import HOSTILE, KEYS
from outcomes import assert_same, outcome

DROP = imagewire.Options(unknown_fields="drop", responses_model="gpt-6.1", history="all")
OPTIONS = st.sampled_from((attrs.evolve(DROP, unknown_fields="pass"), DROP))
OBJECTS = [case for case in CASES if case.file.endswith(".json") and case.body[:1] == b"{"]
#: What is no JSON, or what only some readers take for it.
BROKEN = ("1e999", "9" * 5000, '"\\ud800"', "NaN", "01", '{"a":1,"a":2}', '{"aB":1,"a_b":2}', "1.0")
NAMES = (
    *KEYS,
    *("metadata", "max_tokens", "image_config", "created", "output_format", "top_p", "usage"),
    *("generation_config", "safety_settings", "response_id", "audio", "error", "x" * 300, "a.b"),
)


@st.composite
def fields(draw: st.DrawFn) -> tuple[str, str]:
    """A field, its name in one of its cases and its value as JSON, or as none."""
    name = draw(st.sampled_from(NAMES))
    name = draw(st.sampled_from((name, *other_spellings(name))))
    values = [json.dumps(value) for value in HOSTILE]
    value = draw(st.sampled_from(("null", *BROKEN)) | st.sampled_from(values))
    return json.dumps(name), value


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Case, bytes]:
    """A sample with more fields at its top, and one that stands there twice, perhaps."""
    case = draw(st.sampled_from(OBJECTS))
    parts = [(json.dumps(key), json.dumps(value)) for key, value in json.loads(case.body).items()]
    hidden = draw(st.none() | st.sampled_from([key for key, _ in parts]))
    if hidden is not None:
        parts.insert(0, (hidden, draw(st.sampled_from(BROKEN))))
    for field in draw(st.lists(fields(), min_size=1, max_size=3)):
        parts.insert(draw(st.integers(0, len(parts))), field)
    return case, "{{{}}}".format(",".join(f"{key}:{value}" for key, value in parts)).encode()


def assert_walk_is_unseen(call: Any) -> None:
    """Hold that a call gives the same, whatever bodies are read without a walk."""
    found = outcome(call)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "_SMALL", 0)
        assert_same(outcome(call), found)


def as_stream(source: str, body: bytes, options: imagewire.Options) -> tuple[Any, ...]:
    """A body as the one event of a stream, and what becomes of it."""
    stream = imagewire.StreamTranslator(
        source=source, target="gemini", created=7, response_id="a", options=options
    )
    sent = b"".join((*stream.feed(b"data: %b\n\n" % body), *stream.close()))
    return sent, stream.status, stream.losses, stream.failure


class TestUnwalked:
    @settings(max_examples=400)
    @given(bodies(), st.sampled_from(list(imagewire.FORMATS)), OPTIONS)
    def test_the_result_does_not_show_it(
        self, sample: tuple[Case, bytes], target: str, options: imagewire.Options
    ) -> None:
        """Hub values and their extras, losses and paths, errors, and what is written."""
        case, body = sample
        reader = imagewire.FORMATS[case.format]
        if case.kind == "request":
            read: Any = partial(reader.read_request, body, model="gemini-3-pro-image")
            whole: Any = partial(imagewire.translate_request, body, model="gemini-3-pro-image")
        else:
            read = partial(reader.read_response, body)
            whole = partial(imagewire.translate_response, body, status=case.status)
        assert_walk_is_unseen(partial(read, options=options))
        assert_walk_is_unseen(partial(as_stream, case.format, body, options))
        for face in (target, case.format):
            assert_walk_is_unseen(partial(whole, source=case.format, target=face, options=options))

    @pytest.mark.parametrize("hidden", ["1e999", '"\\ud800"', '"\\x"'])
    def test_a_value_that_another_of_its_key_hides_has_to_be_json(self, hidden: str) -> None:
        body = f'{{"model":"m","prompt":{hidden},"prompt":"a fox","novelty":1}}'.encode()

        with pytest.raises(imagewire.MalformedError):
            imagewire.translate_request(body, source="images", target="images")

    def test_a_path_is_that_of_the_unknown_field(self) -> None:
        """Also where the struct names one of that name in the other case."""
        twins = '"output_compression":80,"outputCompression":80'
        body = f'{{"model":"m","prompt":"a fox","size":"1024x1536",{twins}}}'

        found = imagewire.check_request(
            body.encode(), source="images", target="gemini", model="gemini-3-pro-image"
        )

        assert "$.outputCompression" in {loss.path for loss in found}
