"""Model ids in paths and bodies: what they may hold, so that none leaves its path segment."""

from __future__ import annotations

from imagewire.catalog import bare_model
from imagewire.errors import InvalidModelError
from imagewire.patterns import pattern
from imagewire.placeholder import EDGE, real_length

_PATH_MODEL = pattern(r"[A-Za-z0-9._@-]{1,256}")
_CONTROL = pattern(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def path_model(model: str | None) -> str:
    """The bare id of a model for a path; raises `InvalidModelError` if it cannot be one."""
    bare = model or ""
    if "/" in bare:
        bare = bare_model(bare)
    if not _PATH_MODEL.fullmatch(bare) or ".." in bare:
        raise _invalid(bare)
    return bare


def body_model(model: str) -> str:
    """A model id for a body: 1 to 256 characters, no control characters or lone surrogates."""
    too_long = len(model) > EDGE and real_length(model) > 256  # most ids are short
    if not model or too_long or (not model.isprintable() and _CONTROL.search(model)):
        raise _invalid(model)
    return model


def _invalid(model: str) -> InvalidModelError:
    msg = "the model's id is too long or has invalid characters" if model else "no model was named"
    return InvalidModelError(msg, path="$.model")
