"""Drift: every field of the official SDKs' types is named by our structs, or carried for a reason.

A new release of an SDK that adds a field turns a test here red by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from google.genai import types

import imagewire
from bodies import contents, document
from imagewire.codec.document import Codec
from imagewire.codec.fields import ProtoWire, Wire
from imagewire.formats.gemini import wire as gemini
from imagewire.formats.responses import wire as responses
from imagewire.loss import LossKind
from sdk_bodies import BODIES
from sdk_fields import (
    ELSEWHERE,
    EXTENSIONS,
    FOREIGN,
    OWN_ALONE,
    REFUSED,
    REFUSED_ELSEWHERE,
    REPORTED,
    SILENT,
    Table,
    is_listed,
    listed,
)
from sdk_places import PLACES, Place, Translated, look, path_of, translated
from sdk_types import FIELDS, PAIRS, ROOTS, Field, Root, fields, names_of

#: Of fields that no struct names.
CARRIED = (REPORTED, SILENT, REFUSED_ELSEWHERE, FOREIGN)
#: Of fields that a struct names, and that do not come back as they are.
NAMED = (REFUSED, ELSEWHERE, OWN_ALONE)


def structs(kind: type[Wire] = Wire) -> Iterator[type[Wire]]:
    for below in kind.__subclasses__():
        yield from structs(below)
        own = below.__module__.startswith("imagewire.") and below.__module__ != responses.__name__
        if below is not ProtoWire and own:  # of Responses: `test_sdk_responses`
            yield below


def struct_name(struct: type[Wire]) -> str:
    return f"{struct.__module__}.{struct.__name__}"


def lost(result: Translated) -> list[tuple[LossKind, str]]:
    return [(loss.kind, loss.path) for loss in result.losses]


@cache
def lost_anyway(root: Root, target: str) -> list[tuple[LossKind, str]]:
    """What the body loses as it is."""
    return lost(translated(root, BODIES[str(root)], target))


def more_lost(place: Place, target: str) -> list[tuple[LossKind, str]]:
    """What is lost of a field, beside what the body loses anyway."""
    before = Counter(lost_anyway(place.root, target))
    return list((Counter(lost(translated(place.root, place.filled, target))) - before).elements())


def is_gone(place: Place, target: str) -> bool:
    """Whether what a field stands in is not there any more."""
    losses = lost_anyway(place.root, target)
    return any(kind is LossKind.DROPPED and covers(path, place) for kind, path in losses)


def covers(path: str, place: Place) -> bool:
    """Whether a loss's path is that of what a field stands in; ``[0:3]`` is three items."""
    head, _, span = path.removesuffix("]").rpartition("[")
    low, colon, high = span.partition(":")
    paths = [f"{head}[{i}]" for i in range(int(low), int(high))] if colon else [path]
    above = {path_of(place.steps[:length]) for length in range(1, len(place.steps) + 1)}
    return not above.isdisjoint(paths)


def count(tables: tuple[Table, ...], field: Field) -> int:
    return sum(is_listed(table, field.struct, field.name) for table in tables)


def places(*tables: Table) -> list[Place]:
    """Where the fields of some tables stand."""
    return [place for place in PLACES if count(tables, place.field)]


def is_explained(field: Field) -> bool:
    """Whether a field is named, or listed once."""
    return 1 == (field.ours is not None) + count(CARRIED, field)


class TestNames:
    def test_every_field_of_the_sdks_is_named_or_listed_once(self) -> None:
        """Name what is new in the struct, or list it in sdk_fields with a reason."""
        new = {str(field): struct_name(field.struct) for field in FIELDS if not is_explained(field)}

        assert {} == new

    def test_a_new_field_is_found_by_its_name(self) -> None:
        """At any depth: here in a part, which stands in a content."""

        class NewPart(types.Part):
            brand_new: str | None = None

        class NewContent(types.Content):
            parts: list[NewPart] | None = None  # type: ignore[assignment] # as a new release has it

        (below,) = (f for f in fields((NewContent, gemini.Content)) if f.name == "parts")
        (pair,) = below.pairs

        assert ["NewPart.brandNew"] == [str(f) for f in fields(pair) if not is_explained(f)]

    def test_a_name_that_another_struct_has_explains_nothing(self) -> None:
        class NewBlob(types.Blob):
            thought_signature: str | None = None

        found = [str(f) for f in fields((NewBlob, gemini.Blob)) if not is_explained(f)]

        assert ["NewBlob.thoughtSignature"] == found

    def test_every_field_of_our_structs_is_the_sdk_s_or_an_extension(self) -> None:
        official = {struct: {f.name for f in FIELDS if f.struct is struct} for struct in structs()}
        own = {struct_name(s): set(names_of(s)) - names for s, names in official.items()}

        assert own == {struct_name(struct): set(listed(EXTENSIONS, struct)) for struct in structs()}

    @pytest.mark.parametrize("table", [*CARRIED, *NAMED], ids=[*"0123456"])
    def test_what_is_listed_is_still_the_sdk_s(self, table: Table) -> None:
        of_carried = any(table is other for other in CARRIED)
        official = {(f.struct, f.name) for f in FIELDS if (f.ours is None) == of_carried}

        assert set() == {(s, n) for s in table for n in listed(table, s)} - official

    def test_every_type_stands_in_a_body(self) -> None:
        """But for those that are read as another's form, or are no JSON."""
        there = {place.field.owner for place in PLACES}
        missing = {owner.__name__ for owner, struct in PAIRS if owner not in there}

        assert {"ChatCompletionDeveloperMessageParam"} == missing

    def test_every_named_field_is_held_to_what_it_says(self) -> None:
        """It stands in a body that comes back as it is, or a table says why it cannot."""
        stand = {
            (place.field.struct, place.field.name)
            for place in PLACES
            if look(BODIES[str(place.root)], place.steps) is not None
        }
        held = {
            str(field): ((field.struct, field.name) in stand) + count(NAMED, field)
            for field in FIELDS
            if field.ours is not None
        }

        assert dict.fromkeys(held, 1) == held


class TestCarried:
    @pytest.mark.parametrize("root", ROOTS, ids=str)
    def test_the_body_comes_back_as_it_is(self, root: Root) -> None:
        body = BODIES[str(root)]
        result = translated(root, body, root.format)

        assert (body, ()) == (document(result), result.losses)

    @pytest.mark.parametrize("root", [r for r in ROOTS if r.kind == "response"], ids=str)
    def test_a_reply_of_named_fields_is_decoded_in_one_go(self, root: Root) -> None:
        """Without the walk of the tree, which costs a third more of a picture's time."""
        codec = Codec(root.pairs[0][1][1])

        assert codec.decode(BODIES[str(root)]).tree is None

    @pytest.mark.parametrize("root", ROOTS, ids=str)
    def test_its_own_format_gets_every_field_back(self, root: Root) -> None:
        for place in places(*CARRIED[:4]):
            if place.root is root:
                body = place.filled
                result = translated(root, body, root.format)

                assert (body, ()) == (document(result), result.losses), str(place)

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_another_format_reports_each_or_what_it_stands_in(self, target: str) -> None:
        silent = [
            str(place)
            for place in places(REPORTED)
            if target != place.root.format
            and [(LossKind.DROPPED, place.path)] != more_lost(place, target)
            and not is_gone(place, target)
        ]

        assert [] == silent

    def test_some_format_reports_each_by_its_own_path(self) -> None:
        reported = {
            (place.field.struct, place.field.name)
            for place in places(REPORTED)
            for target in imagewire.FORMATS
            if more_lost(place, target) == [(LossKind.DROPPED, place.path)]
        }

        assert {(s, name) for s in REPORTED for name in listed(REPORTED, s)} == reported

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_bookkeeping_vanishes_in_silence(self, target: str) -> None:
        lost_too = {str(place): more_lost(place, target) for place in places(SILENT)}

        assert {} == {place: lost for place, lost in lost_too.items() if lost}

    @pytest.mark.parametrize("place", places(REFUSED_ELSEWHERE), ids=str)
    def test_another_format_refuses_what_would_ask_for_something_else(self, place: Place) -> None:
        for target in set(imagewire.FORMATS) - {place.root.format}:
            with pytest.raises(imagewire.UnsupportedError) as caught:
                translated(place.root, place.filled, target)

            assert place.path == caught.value.path

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_a_foreign_part_is_reported_or_refused_whole(self, target: str) -> None:
        for place in places(FOREIGN):
            if target == place.root.format:
                continue
            try:
                found = lost(translated(place.root, place.filled, target))
            except imagewire.UnsupportedError as error:
                found = [(LossKind.DROPPED, error.path)]

            paths = [path for kind, path in found if kind is LossKind.DROPPED]
            assert any(covers(path, place) for path in paths), str(place)

    @pytest.mark.parametrize("name", listed(FOREIGN, gemini.Part))
    def test_a_member_of_gemini_s_oneof_stands_beside_no_other(self, name: str) -> None:
        body = contents({"text": "a fox", name: {"a": 1}})
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.gemini.read_request(body)

        assert "$.contents[0].parts[0]" == caught.value.path

    @pytest.mark.parametrize("place", places(REFUSED), ids=str)
    def test_what_is_named_to_be_refused_is_refused(self, place: Place) -> None:
        for target in imagewire.FORMATS:
            with pytest.raises(imagewire.UnsupportedError) as caught:
                translated(place.root, place.filled, target)

            assert place.path == caught.value.path

    @pytest.mark.parametrize("place", places(OWN_ALONE), ids=str)
    def test_what_openai_s_image_models_alone_have_is_their_own(self, place: Place) -> None:
        result = translated(place.root, place.filled, place.root.format)

        assert (place.filled, ()) == (document(result), result.losses)
        for target in ("chat", "gemini"):
            with pytest.raises(imagewire.InexpressibleError) as caught:
                translated(place.root, place.filled, target)

            assert covers(caught.value.path, place)

    @pytest.mark.parametrize("place", places(ELSEWHERE), ids=str)
    def test_what_is_written_in_another_way_is_not_written_as_it_was(self, place: Place) -> None:
        result = translated(place.root, place.filled, place.root.format)

        assert look(document(result), place.steps) is None
