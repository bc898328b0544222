"""Hub values check themselves, can be hashed and compared, and show what they say."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import msgspec
import pytest
from msgspec import structs

import hub
from imagewire.model import (
    DOCUMENTS,
    SCHEMA_VERSION,
    Extra,
    Foreign,
    Image,
    ImageRequest,
    Part,
    Size,
    Turn,
    json_schema,
)

VALUES = [*hub.REQUESTS.values(), *hub.RESPONSES.values()]


class TestChecks:
    @pytest.mark.parametrize("size", [(0, 1), (1, 0), (0, 0), (-1, 5)])
    def test_a_size_is_at_least_one_pixel_each_way(self, size: tuple[int, int]) -> None:
        """Writers divide by it."""
        with pytest.raises(ValueError, match="at least 1x1"):
            Size(width=size[0], height=size[1])

    @pytest.mark.parametrize("count", [0, -1])
    def test_a_count_is_at_least_one(self, count: int) -> None:
        """Writers multiply by it."""
        with pytest.raises(ValueError, match="at least 1"):
            ImageRequest(count=count)

    @pytest.mark.parametrize("given", [{}, {"text": "a", "image": hub.PICTURE.image}])
    def test_a_part_is_one_thing(self, given: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="exactly one"):
            Part(**given)

    @pytest.mark.parametrize("given", [{}, {"data": "AAAA", "url": "https://example.com/a.png"}])
    def test_an_image_is_in_one_place(self, given: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="exactly one"):
            Image(**given)

    def test_a_stored_document_is_checked_as_well(self) -> None:
        with pytest.raises(msgspec.ValidationError, match="at least 1"):
            msgspec.json.decode(b'{"count": 0}', type=ImageRequest)


class TestValues:
    @pytest.mark.parametrize("value", VALUES, ids=[*hub.REQUESTS, *hub.RESPONSES])
    def test_equal_values_have_one_hash_with_extras_too(self, value: Any) -> None:
        twin = copy.deepcopy(value)

        assert (value, hash(value)) == (twin, hash(twin))
        assert value == pickle.loads(pickle.dumps(value))  # noqa: S301 - our own

    def test_what_holds_json_can_be_hashed(self) -> None:
        extra = Extra(format="chat", path=("a",), value={"b": [1]})
        foreign = Foreign(format="chat", kind="x", value={"type": "x"})

        assert {extra, foreign} == {copy.deepcopy(extra), copy.deepcopy(foreign)}

    def test_a_repr_shows_what_is_not_at_its_default(self) -> None:
        turn = Turn(role="user", parts=(Part(text="a fox"),))

        assert "ImageRequest(turns=(Turn(role='user', parts=(Part(text='a fox')))))" == repr(
            ImageRequest(turns=(turn,))
        )


class TestSchema:
    def test_it_has_an_id_with_its_version(self) -> None:
        assert f"urn:imagewire:document:{SCHEMA_VERSION}" == json_schema()["$id"]

    def test_no_document_but_the_context_of_a_reply_takes_other_keys(self) -> None:
        """A context may come from a later version, out of a queue."""
        parts = json_schema()["$defs"]
        open_ = {name for name, part in parts.items() if part.get("additionalProperties", True)}

        assert {"ReplyContext", "FailureKind"} == open_
        for kind in DOCUMENTS:
            document = structs.asdict(_smallest(kind)) | {"shiny": 1}
            if kind.__name__ == "ReplyContext":
                assert _smallest(kind) == msgspec.convert(document, kind)
            else:
                with pytest.raises(msgspec.ValidationError, match="shiny"):
                    msgspec.convert(document, kind)


def _smallest(kind: type[Any]) -> Any:
    return kind(kind="internal", message="m", status=500) if kind.__name__ == "Failure" else kind()
