"""The formats that a source and a target mean: by name, as an object, as an endpoint."""

from __future__ import annotations

from imagewire.catalog import Catalog
from imagewire.endpoints import Endpoint
from imagewire.errors import InvalidModelError
from imagewire.formats import FORMATS, Format
from imagewire.model import ImageRequest

Source = str | Format | Endpoint
Target = str | Format


def format_of(name: Target) -> Format:
    """The format that a name or an object means; raises `ValueError` for an unknown name."""
    if not isinstance(name, str):
        return name
    found = FORMATS.get(name)
    if found is None:
        msg = f"unknown format {name!r}; known are {', '.join(FORMATS)}"
        raise ValueError(msg)
    return found


def source_of(source: Source) -> tuple[Format, str | None]:
    """The format of a source, and the model that its path names."""
    if isinstance(source, str):
        return format_of(source), None
    if isinstance(source, Endpoint):
        return format_of(source.format), source.model
    return source, None


def target_of(target: Target, request: ImageRequest, catalog: Catalog) -> Format:
    """The format of a target; ``"native"`` is that of the upstream that serves the model."""
    return format_of(catalog.native_format(request.model or "") if target == "native" else target)


def check_model(request: ImageRequest, target: str, catalog: Catalog) -> None:
    """Raise `InvalidModelError` for a known model that a target is not served with."""
    model = request.model or ""
    if not catalog.serves(model, target) and catalog.find(model) is not None:
        msg = "Invalid value for 'model'"  # the product page's words
        raise InvalidModelError(msg, path="$.model")
