"""What wire structs are made of: their base classes, and what annotations say of their fields."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

#: The mark of a field that only a bookkeeper misses, in its annotation.
BOOKKEEPING = "bookkeeping"

_INT64 = msgspec.Meta(ge=-(2**63), le=2**63 - 1)
#: A number of 64 bits, as APIs count: JSON has no bounds, and a sum may be too long to write.
Int64 = Annotated[int, _INT64]
#: The same, with a fraction or without.
Number64 = Int64 | Annotated[float, _INT64]
#: A name or a count of a reply that only a bookkeeper misses.
Name = Annotated[str | None, BOOKKEEPING]
Count = Annotated[Int64 | None, BOOKKEEPING]


class Wire(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A wire object: absent and null read alike, and what is at its default is not written.

    ``OFFICIAL`` are the fields of the official SDKs' types that the struct does not name,
    ``EITHER_CASE`` those of its own that are also read in camelCase.
    """

    OFFICIAL: ClassVar[frozenset[str]] = frozenset()
    EITHER_CASE: ClassVar[frozenset[str]] = frozenset()


class ProtoWire(Wire, rename="camel"):
    """A wire object in protobuf's JSON."""


class EnumNames(tuple[str, ...]):
    """The names of a protobuf enum, by number, in the annotation of a field.

    proto-plus writes enums by number unless told otherwise. A number that has no name yet stays
    what it is, as its digits, like a name of the future.
    """

    __slots__ = ()

    def read(self, value: Any) -> Any:
        """The name of a number, or of each in a list; a name in capitals, as Google has it."""
        if isinstance(value, list):
            return [self.read(item) for item in value]
        if isinstance(value, str):
            return value.upper() if value.upper() in self else value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int:  # a bool is none
            return value
        return self[value] if value in range(len(self)) else str(value)
