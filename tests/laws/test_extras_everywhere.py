"""An unknown field beside every field of every sample: kept by its own format, reported by others.

Known failures: https://github.com/QuantumNous/new-api/issues/7340 (``aspect_ratio`` of an Images
request vanished in the relay, because its struct did not name it), and
https://github.com/maximhq/bifrost/issues/5324.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import attrs
import msgspec
import pytest

import imagewire
from bodies import document
from cases import DIRECTIONS, REQUESTS, RESPONSES, UPSTREAM_MODELS, translate
from full_bodies import FULL, Path, added, copy_at, objects_in
from imagewire.loss import METADATA, SETTING, LossKind
from imagewire.options import Options
from imagewire.paths import join

KEY = "xUnknown"
#: Odd values: deep, empty, huge, tiny, and text that needs escapes.
VALUE: dict[str, Any] = {
    "deep": [1, None, {"a b": ["\u2028\U0001f98a\x00", {"": False}]}],
    "empty": [[], {}, ""],
    "integers": [2**53 + 1, 2**64, -(2**63), 10**30, 0],
    "floats": [0.1, -0.0, 1e-300, 1.7976931348623157e308, 100.0],
    "snake_case": {"camelCase": {"snake_case": True}},
}
OPTIONS = Options(history="all", keep_drafts=True, edit_body="json")

#: Objects that are written as a text, or as another object: what else they hold is reported.
NOT_WRITTEN = {
    "images-request-edit_images.images[1].image_url",
    "images-request-full.images[0].image_url",
    "images-request-full.image__[0].image_url",
    "images-request-full.mask.image_url",
    "chat-request-full.google.safety_settings[0]",
    "chat-request-full.extra_body.safety_settings[0]",
    "images-request-full.markup.image_url",
    "responses-request-full.input[5].content[2].image_url",
}
#: System messages of parts: one with more to say than its text is written as a list of one part.
LISTED = {
    "chat-request-edit_parts.messages[1].content[0]",
    "chat-request-everything.messages[1].content[0]",
}
#: Objects that say nothing but "no", and vanish.
NEUTRAL = {"chat-request-full.response_format", "chat-request-full.reasoning"}
#: Bookkeeping, which other formats pass over in silence, with all that it holds.
SILENT = {"annotations", "logprobs", "safetyRatings"}
#: What a target cannot be asked for: a remote image, an uploaded file, a mask.
REFUSED = {
    "chat-request-edit_parts-to-gemini",
    "images-request-edit_json-to-chat",
    "images-request-edit_json-to-gemini",
    "images-request-full-to-chat",
    "responses-request-everything-to-chat",
    "responses-request-everything-to-gemini",
    "responses-request-full-to-chat",
    "responses-request-full-to-gemini",
    "responses-request-mask-to-chat",
    "responses-request-mask-to-gemini",
    "images-request-full-to-gemini",
    "images-request-full-to-responses",
}


@attrs.frozen
class Sample:
    """A body of a format, and how it is translated."""

    format: str
    kind: str
    name: str
    body: Any

    def __str__(self) -> str:
        return f"{self.format}-{self.kind}-{self.name}"

    def translate(self, body: Any, target: str) -> Any:
        model = UPSTREAM_MODELS.get(target) if target != self.format else None
        return translate(self, msgspec.json.encode(body), target, model, OPTIONS)


SAMPLES = [
    *(
        Sample(case.format, case.kind, case.name, msgspec.json.decode(case.body))
        for case in (*REQUESTS, *RESPONSES)
        if case.file.endswith(".json")
    ),
    *(Sample(full.format, full.kind, "full", full.body) for full in FULL),
]


@functools.cache
def _plain(place: int, target: str) -> Any:
    """The translation of a sample as it is, or the error that refuses it."""
    try:
        return SAMPLES[place].translate(SAMPLES[place].body, target)
    except imagewire.TranslationError as error:
        return error


#: The samples by their place in the list.
BY_SAMPLE = pytest.mark.parametrize("place", range(len(SAMPLES)), ids=map(str, SAMPLES))


def _rows(place: int, *, same: bool) -> Iterator[tuple[str, Path, str]]:
    """The targets of a sample, and the objects in it, which are also named."""
    sample = SAMPLES[place]
    for source, target in DIRECTIONS:
        if source != sample.format or same != (source == target):
            continue
        if not isinstance(_plain(place, target), Exception):
            for path in objects_in(sample.body):
                if (spot := join(f"{sample}", path)) not in NEUTRAL:
                    yield target, path, spot


def places_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where in a document the unknown field stands."""
    for holder in objects_in(value, path):
        if KEY in copy_at(value, holder)[1]:
            yield holder


def pruned(value: Any) -> Any:
    """A document without the empty objects in it, which the unknown field may have made."""
    if isinstance(value, list):
        return [pruned(item) for item in value]
    if not isinstance(value, dict):
        return value
    items = {key: pruned(item) for key, item in value.items()}
    return {key: item for key, item in items.items() if item != {}}


def covers(lost: str, path: str) -> bool:
    """Whether a loss is of this node, or of one above it: ``$.messages[0:3]`` are three."""
    span = re.fullmatch(r"(.*)\[(\d+):(\d+)\]", lost)
    tops = (
        [lost] if span is None else [f"{span[1]}[{i}]" for i in range(int(span[2]), int(span[3]))]
    )
    return any(path == top or path.startswith((f"{top}.", f"{top}[")) for top in tops)


class TestItsOwnFormat:
    @BY_SAMPLE
    def test_keeps_it_in_its_place(self, place: int) -> None:
        """Once, with the same bytes, and the rest of the document is what it is without it."""
        sample = SAMPLES[place]
        for target, path, spot in _rows(place, same=True):
            result = sample.translate(added(sample.body, path, **{KEY: VALUE}), target)
            written = document(result)
            found = [copy_at(written, holder) for holder in places_of(written)]

            if spot in NOT_WRITTEN:
                assert [] == found, spot
                assert join("$", (*path, KEY)) in {loss.path for loss in result.losses}
                continue
            assert 1 == len(found), spot
            ((rest, holder),) = found
            assert msgspec.json.encode(VALUE) == msgspec.json.encode(holder.pop(KEY)), spot
            assert _plain(place, target).losses == result.losses, spot
            if spot not in LISTED:
                assert pruned(document(_plain(place, target))) == pruned(rest), spot


class TestAnotherFormat:
    @BY_SAMPLE
    def test_reports_it_where_it_stood(self, place: int) -> None:
        """By its own path, unless what holds it is lost as a whole; nothing else changes."""
        sample = SAMPLES[place]
        for target, path, spot in _rows(place, same=False):
            plain = _plain(place, target)
            result = sample.translate(added(sample.body, path, **{KEY: VALUE}), target)
            new = [loss for loss in result.losses if loss not in plain.losses]
            known = [loss for loss in plain.losses if covers(loss.path, join("$", path))]

            assert document(plain) == document(result), f"{spot} to {target}"
            if not known and SILENT.isdisjoint(path):
                level = SETTING if sample.kind == "request" else METADATA
                assert [(LossKind.DROPPED, level, join("$", (*path, KEY)))] == [
                    (loss.kind, loss.level, loss.path) for loss in new
                ], f"to {target}"


class TestTables:
    def test_only_what_a_target_cannot_be_asked_is_left_out(self) -> None:
        """So that the tables above do not shrink unseen."""
        refused = {
            f"{sample}-to-{target}"
            for place, sample in enumerate(SAMPLES)
            for source, target in DIRECTIONS
            if source == sample.format and isinstance(_plain(place, target), Exception)
        }

        assert REFUSED == refused
