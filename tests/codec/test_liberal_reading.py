"""Every field of every format, in every spelling and type that senders of it use.

The tables are not written by hand: they walk the wire structs over `full_bodies`, so that a new
field is in all of them, at every level.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import snake
from full_bodies import FULL, Field, Full, added, copy_at, fields_of, leaves, replaced
from imagewire.codec.fields import ProtoWire, Wire
from imagewire.errors import MalformedError, TranslationError
from imagewire.paths import join, other_spellings

BY_BODY = pytest.mark.parametrize("full", FULL, ids=str)


def every(full: Full) -> list[Field]:
    """The fields of a body."""
    return list(fields_of(full.body, full.struct))


def spelled(full: Full) -> list[Field]:
    """Those that may be spelled in two ways."""
    return [
        field
        for field in every(full)
        if issubclass(field.struct, ProtoWire) and len(set(other_spellings(field.info.name))) > 1
    ]


def numbers(full: Full) -> list[Field]:
    return [field for field in every(full) if {int, float} & field.types]


def integers(full: Full) -> list[Field]:
    return [field for field in every(full) if int in field.types and str not in field.types]


def objects(full: Full) -> list[Field]:
    return [
        field
        for field in every(full)
        if Any not in field.types and isinstance(value_of(full, field), dict)
    ]


def value_of(full: Full, field: Field) -> Any:
    return copy_at(full.body, field.path)[1]


def with_value(full: Full, field: Field, value: Any) -> Any:
    """A body with another value of a field."""
    return replaced(full.body, field.path, **{str(field.path[-1]): value})


def spelled_otherwise(field: Field) -> str:
    """The key of a field in the case that the body does not use."""
    return next(key for key in other_spellings(field.info.name) if key != field.path[-1])


def outcome(full: Full, body: Any) -> tuple[str, Any]:
    """What reading a body gives: its hub value, or where it is refused."""
    try:
        return "read", full.read(body)
    except TranslationError as error:
        return "refused", error.path


def structs_of(struct: type[Wire]) -> set[type[Wire]]:
    """A struct, and all below it."""
    found = {struct}
    for info in msgspec.structs.fields(struct):
        for below in leaves(info.type):
            if isinstance(below, type) and issubclass(below, Wire) and below not in found:
                found |= structs_of(below)
    return found


class TestFullBodies:
    def test_every_field_of_every_struct_is_in_one(self) -> None:
        """So that the tables below leave none out."""
        named = {
            f"{struct.__module__}.{struct.__name__}.{info.encode_name}"
            for full in FULL
            for struct in structs_of(full.struct)
            for info in msgspec.structs.fields(struct)
        }
        shown = {
            f"{field.struct.__module__}.{field.struct.__name__}.{field.info.encode_name}"
            for full in FULL
            for field in every(full)
        }

        assert set() == named - shown

    @BY_BODY
    def test_each_is_read(self, full: Full) -> None:
        assert "read" == outcome(full, full.body)[0]


class TestSpellings:
    """Protobuf JSON: camelCase and snake_case, mixed, at every level."""

    @BY_BODY
    def test_one_key_in_the_other_case_says_the_same(self, full: Full) -> None:
        for field in spelled(full):
            value = value_of(full, field)
            body = replaced(full.body, field.path, **{spelled_otherwise(field): value})

            assert full.read(full.body) == full.read(body), field.path

    @BY_BODY
    def test_both_at_once_are_an_error_that_points_at_the_second(self, full: Full) -> None:
        """Google answers 400: "oneof field '_thinking_budget' is already set"."""
        for field in spelled(full):
            if full.forgives(field):
                continue
            key = spelled_otherwise(field)
            body = added(full.body, field.path[:-1], **{key: value_of(full, field)})
            with pytest.raises(MalformedError, match="two spellings") as caught:
                full.read(body)

            assert join("$", (*field.path[:-1], key)) == caught.value.path

    @BY_BODY
    def test_a_null_beside_it_is_no_second_spelling(self, full: Full) -> None:
        for field in spelled(full):
            body = added(full.body, field.path[:-1], **{spelled_otherwise(field): None})

            assert full.read(full.body) == full.read(body), field.path

    @pytest.mark.parametrize("full", [full for full in FULL if full.format == "gemini"], ids=str)
    def test_a_whole_body_may_be_snake_case(self, full: Full) -> None:
        """As the docs of some relays have it."""
        assert full.read(full.body) == full.read(snake(full.body))


class TestScalars:
    @BY_BODY
    def test_a_number_may_be_a_string(self, full: Full) -> None:
        """Protobuf's JSON has int64 as strings; relays and forms have any number as one."""
        for field in numbers(full):
            body = with_value(full, field, str(value_of(full, field)))

            assert full.read(full.body) == full.read(body), field.path

    @BY_BODY
    @pytest.mark.parametrize("spell", [float, lambda value: f"{value}.0"], ids=["float", "string"])
    def test_an_integer_may_have_a_point(self, full: Full, spell: Any) -> None:
        """``2.0`` is an integer to protobuf, and to JSON."""
        for field in integers(full):
            body = with_value(full, field, spell(value_of(full, field)))

            assert full.read(full.body) == full.read(body), field.path

    @BY_BODY
    def test_a_fraction_is_none(self, full: Full) -> None:
        for field in integers(full):
            if float not in field.types and not full.forgives(field):
                body = with_value(full, field, 40.5)

                assert ("refused", join("$", field.path)) == outcome(full, body)


class TestNulls:
    @BY_BODY
    def test_null_says_as_much_as_nothing(self, full: Full) -> None:
        """Both are read alike, or refused at the same place where the field is needed."""
        for field in every(full):
            null, nothing = with_value(full, field, None), replaced(full.body, field.path)

            assert outcome(full, nothing) == outcome(full, null), field.path


class TestByteOrderMarks:
    """RFC 8259 section 8.1; files made on Windows have one, and so do bodies made of them."""

    @BY_BODY
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
    def test_a_mark_before_a_body_is_passed_over(self, full: Full, kind: Any) -> None:
        body = b"\xef\xbb\xbf" + msgspec.json.encode(full.body)

        assert full.read(full.body) == full.read(kind(body))


class TestEscapes:
    """Writers escape more than JSON asks for, inside base64 too."""

    @BY_BODY
    @pytest.mark.parametrize(
        "escapes",
        [
            pytest.param({"/": "\\/"}, id="php"),
            pytest.param({"=": "\\u003d", "<": "\\u003c", "&": "\\u0026"}, id="gson"),
            pytest.param({"/": "\\u002F", "+": "\\u002b", "=": "\\u003D"}, id="all-of-base64"),
        ],
    )
    def test_escapes_say_what_they_stand_for(self, full: Full, escapes: dict[str, str]) -> None:
        raw = msgspec.json.encode(full.body).decode()
        for letter, escape in escapes.items():
            raw = raw.replace(letter, escape)

        assert full.read(full.body) == full.read(raw.encode())

    @BY_BODY
    def test_white_space_between_tokens_says_nothing(self, full: Full) -> None:
        """Google writes its replies on many lines."""
        raw = msgspec.json.format(msgspec.json.encode(full.body), indent=2)

        assert full.read(full.body) == full.read(b"\r\n" + raw + b"\n")


class TestRelays:
    @BY_BODY
    def test_an_empty_list_says_as_much_as_no_object(self, full: Full) -> None:
        """PHP's `json_encode` knows no difference; the picture was paid for all the same."""
        for field in objects(full):
            empty, nothing = with_value(full, field, []), replaced(full.body, field.path)

            assert outcome(full, nothing) == outcome(full, empty), field.path

    def test_where_a_list_belongs_it_is_one(self) -> None:
        with pytest.raises(MalformedError, match="`choices` is empty or missing"):
            imagewire.chat.read_response({"choices": []})

    def test_the_id_of_a_reply_may_be_a_number(self) -> None:
        body = {"id": 12, "choices": [{"message": {"content": "x"}}]}

        assert "12" == imagewire.chat.read_response(body).value.id
