"""Which formats a translation goes between, and whether the target serves the model."""

from __future__ import annotations

from imagewire.catalog import Catalog
from imagewire.endpoints import Endpoint
from imagewire.errors import InvalidModelError
from imagewire.formats import FORMATS, Format
from imagewire.model import ImageRequest
from imagewire.options import Options

Source = str | Format | Endpoint
Target = str | Format


def format_of(name: Target) -> Format:
    """The format of a name, or the format itself; raises `ValueError` for an unknown name."""
    if not isinstance(name, str):
        return name
    found = FORMATS.get(name)
    if found is None:
        msg = f"unknown format {name!r}; known are {', '.join(FORMATS)}"
        raise ValueError(msg)
    return found


def source_of(source: Source) -> tuple[Format, str | None]:
    """The format of a source, and the model that its path names."""
    if isinstance(source, Endpoint):
        return format_of(source.format), source.model
    return format_of(source), None


def target_of(target: Target, request: ImageRequest, catalog: Catalog) -> Format:
    """The format of a target; ``native`` is that of the upstream that serves the model."""
    return format_of(catalog.native_format(request.model or "") if target == "native" else target)


def check_model(request: ImageRequest, target: str, catalog: Catalog) -> None:
    """Raise for a known model of a family that the target does not serve."""
    model = request.model or ""
    if not catalog.serves(model, target) and catalog.find(model) is not None:
        msg = f"{model} is not served by the {target} API"
        raise InvalidModelError(msg, path="$.model")


def narrows(reader: Format, writer: Format, options: Options) -> bool:
    """Whether the source's last user turn alone is translated (the product page, for chat)."""
    last_user = reader.PROMPT == "last_user" and options.history == "last_user"
    return last_user and reader is not writer
