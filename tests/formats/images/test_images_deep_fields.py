"""Fields of an edit that are nested deeply, or cost much: they end up in one form field."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

import imagewire
from hub import GIF, PNG
from images_bodies import GIF_IMAGE, facts
from images_forms import ASKED, edit, fields_of
from imagewire import images
from imagewire.model import Extra, ImageRequest, Part, Turn
from outcomes import outcome


class TestDeepFields:
    def test_eight_levels_become_names_and_the_rest_json(self) -> None:
        value: Any = {"a": {"b": [1, "x"]}}
        for key in "fedcba":
            value = {key: value}
        result = edit(u=value)

        assert [("u[a][b][c][d][e][f][a][b]", b'[1,"x"]')] == fields_of(result)[2:3]
        assert [("APPROXIMATED", "$.u")] == facts(result.losses)

    @pytest.mark.parametrize("depth", [100, 400, 900, 1100, 100_000])
    @pytest.mark.parametrize(("before", "after"), [(b"[", b"]"), (b'{"a":', b"}")])
    def test_any_depth_is_written_or_refused(self, before: bytes, after: bytes, depth: int) -> None:
        raw = json.dumps({**ASKED, "image": GIF}).encode()
        body = raw[:-1] + b',"u":' + before * depth + b"1" + after * depth + b"}"
        found = outcome(lambda: imagewire.translate_request(body, source="images", target="images"))

        assert isinstance(found, imagewire.TranslatedRequest | imagewire.TranslationError)

    def test_what_cannot_be_written_as_json_is_refused(self) -> None:
        """The stack of the one who calls may be deep already."""
        value: Any = 1
        for _ in range(200_000):
            value = [value]
        request = ImageRequest(
            model="gpt-image-2",
            turns=(Turn(role="user", parts=(Part(image=GIF_IMAGE), Part(text="x"))),),
            extras=(Extra(format="images", path=("u",), value=value),),
        )

        with pytest.raises(imagewire.InexpressibleError, match="nested too deep"):
            images.write_request(request)

    @pytest.mark.parametrize(
        ("before", "after"), [('{"a":' * 400, "}" * 400), ('{"' + "k" * 4000 + '":', "}")]
    )
    def test_a_form_is_as_long_as_its_json(self, before: str, after: str) -> None:
        """A name repeats all names above it: 52 kB of JSON were 7.9 MB of form."""
        keys = json.dumps({f"k{i}": i for i in range(5000)})
        raw = json.dumps({**ASKED, "image": GIF, "u": None})
        body = raw.replace("null", before + keys + after).encode()
        result = imagewire.translate_request(body, source="images", target="images")

        assert len(body) + 4096 > len(result.body)


KIB = 1024
HOSTILE = {
    "percent signs": ("data:image/png,", "%", ""),
    "percent signs as base64": (f"data:image/png;base64,{PNG[:12]}", "%", ""),
    "escapes": ("data:image/png,", "%41", ""),
    "escapes as base64": (f"data:image/png;base64,{PNG[:12]}", "%41", ""),
    "spaces": (f"data:image/png;base64,{PNG[:12]}", "AA ", ""),
    "parameters": ("data:image/png", ";ab", f";base64,{PNG}"),
    "parameters without end": ("data:image/png", ";ab", ""),
}


class TestMemory:
    @pytest.mark.parametrize(("head", "unit", "tail"), HOSTILE.values(), ids=HOSTILE)
    def test_a_data_uri_takes_a_few_times_its_length(self, head: str, unit: str, tail: str) -> None:
        """Small pieces as objects of their own took 24 to 189 times as much."""
        uri = head + unit * (512 * KIB // len(unit)) + tail
        body = json.dumps({**ASKED, "image": uri}).encode()
        tracemalloc.start()

        outcome(lambda: imagewire.translate_request(body, source="images", target="images"))

        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * len(body) + 8 * 1024 * KIB
