"""The formats that a source and a target mean, by name, as an object or as an endpoint."""

from __future__ import annotations

from imagewire.catalog import Catalog
from imagewire.endpoints import Endpoint, native_format
from imagewire.errors import InvalidModelError
from imagewire.formats import Format, format_named
from imagewire.model import ImageRequest
from imagewire.options import Options

#: A name of `FORMATS`, any object with a format's facts and verbs, or an endpoint of a format.
Source = str | Format | Endpoint
#: The same; the target of a request may also be ``"native"``.
Target = str | Format | Endpoint


def format_of(given: Source | Target) -> Format:
    """The format that is meant; raises `ValueError` for an unknown name, and `TypeError`."""
    if isinstance(given, str):
        return format_named(given)
    if isinstance(given, Endpoint):
        return format_named(given.format)
    if not hasattr(given, "NAME"):
        msg = f"source and target must be a format or its name, not {type(given).__name__}"
        raise TypeError(msg)
    return given


def source_of(source: Source) -> tuple[Format, str | None]:
    """The format of a source, and the model that its path names."""
    if isinstance(source, str):  # as most are
        return format_named(source), None
    return format_of(source), source.model if isinstance(source, Endpoint) else None


def target_of(target: Target, request: ImageRequest, catalog: Catalog) -> Format:
    """The format of a target; ``"native"`` is that of the upstream that serves the model."""
    if target == "native":
        target = native_format(request.model or "", catalog=catalog)
    if isinstance(target, str):  # as most are
        return format_named(target)
    return format_of(target)


def check_model(request: ImageRequest, writer: Format, catalog: Catalog) -> None:
    """Raise `InvalidModelError` for a known model of a family that the target is not served for."""
    found = catalog.find(request.model or "")
    if found is not None and found.family not in writer.FAMILIES:
        msg = f"{request.model} is not served by the {writer.NAME} API"
        raise InvalidModelError(msg, path="$.model")


def narrows(reader: Format, writer: Format, options: Options) -> bool:
    """Whether the source's last user turn alone is translated (the product page, for chat)."""
    last_user = reader.PROMPT == "last_user" and options.history == "last_user"
    return last_user and reader is not writer
