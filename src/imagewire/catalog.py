"""The catalogue: which models are known, and how a name finds its model. Extendable by the caller.

A name is looked up as it is, then as an alias, then without a date, a number or a state at its end:
``-2026-04-21``, ``-001``, ``-preview``, ``-latest``, ``-exp``. Any other name is that of a newer
model (``gpt-image-2-mini`` is not ``gpt-image-2``): it is asked like the newest of its family,
which its first letters tell, or else of the upstream's, and all values pass.

The rows, with their sources, stand in `imagewire.known_models`. One of your own:

```python
from imagewire import CATALOG
from imagewire.catalog import Model

mine = Model(id="fox-painter", family="gemini", ratios=("1:1", "16:9"), tiers=("1K",))
catalog = CATALOG.with_models(mine)

print(catalog.find("google/fox-painter-preview"))
print(catalog.find("fox-painter-lite"))
```

```text
Model(id='fox-painter', family='gemini')
None
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import attrs
from attrs.validators import deep_iterable, instance_of

from imagewire.known_models import BY_FAMILY, BY_NAME, MODELS, PIXELS, Limits, Model
from imagewire.patterns import pattern

__all__ = [
    "CATALOG",
    "DEFAULT_FAMILY",
    "PIXELS",
    "Catalog",
    "Limits",
    "Model",
    "bare_model",
    "family_of_name",
]

#: The family of a model whose name tells none.
DEFAULT_FAMILY = "openai"

_VENDOR: Mapping[str, str] = {"gemini": "google/", "openai": "openai/"}

_USUAL = {"", "google", "openai", "models"}  # what comes before most ids
_PREFIXES = ("models/", "openai/", "google/", "publishers/google/models/")
_STATE = pattern(r"[0-9]+|preview|latest|exp")  # what may follow a model's name at a ``-``


def bare_model(model: str) -> str:
    """A model id without the prefixes that the APIs put before it."""
    before, _, name = model.rpartition("/")
    if before in _USUAL:
        return name
    if model.startswith("projects/"):  # Vertex: projects/P/locations/L/publishers/google/models/M
        model = model.rpartition("models/")[2]
    for prefix in _PREFIXES:  # models/google/ID is what google-genai makes of google/ID
        model = model.removeprefix(prefix)
    return model


def _several(models: Iterable[Model]) -> tuple[Model, ...]:
    return tuple(models)


@attrs.frozen(repr=False)
class Catalog:
    """A set of models and how to find one."""

    models: tuple[Model, ...] = attrs.field(
        converter=_several, validator=deep_iterable(instance_of(Model))
    )
    _index: Mapping[str, Model] = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        aliases = {alias: model for model in self.models for alias in model.aliases}
        exact = {model.id: model for model in self.models}
        object.__setattr__(self, "_index", {**aliases, **exact})

    def __repr__(self) -> str:
        return f"Catalog({len(self.models)} models)"

    def with_models(self, *models: Model) -> Catalog:
        """A catalogue that knows these models too; one of the same id replaces the old one."""
        new = Catalog(models)
        ids = {model.id for model in new.models}
        return Catalog((*(model for model in self.models if model.id not in ids), *new.models))

    def find(self, model: str) -> Model | None:
        """The known model of an id: exact, an alias, or one of which the id names a state."""
        found = self._index.get(model)
        if found is None:
            name = bare_model(model)
            found = self._index.get(name)
            while found is None:
                name, _, end = name.rpartition("-")
                if not _STATE.fullmatch(end):
                    break
                found = self._index.get(name)
        return found

    def get(self, model: str, *, family: str | None = None) -> Model:
        """The row by which an upstream can be asked: the model's own, or that of its newest kin.

        An upstream of one family knows nothing of the sizes of another's models; without ``family``
        it serves all.
        """
        found = self._index.get(model) or self.find(model) or _by_name(model)
        if found is not None and (family is None or family == found.family):
            return found
        family = family or DEFAULT_FAMILY
        return BY_FAMILY.get(family) or Model(id=family, family=family, known=False)

    def family(self, model: str) -> str | None:
        """The family of a model: a known one's own, else what the name tells, or None."""
        found = self.find(model)
        return found.family if found else family_of_name(model)

    def spell(
        self, model: str, as_given: str | None, style: Literal["as_given", "bare", "prefixed"]
    ) -> str:
        """A bare id as a body shall spell it.

        If none was given (a Gemini path has bare ids), a known model of Gemini's gets its prefix.
        No other id gets one that was not written.
        """
        if style == "bare":
            return model
        if style == "prefixed":
            return self.prefixed(model)
        if as_given is not None:
            return as_given
        found = self.find(model)
        return self.prefixed(model) if found is not None and found.family == "gemini" else model

    def prefixed(self, model: str) -> str:
        """The bare id of a model of known family with its vendor's prefix."""
        return _VENDOR.get(self.family(model) or "", "") + bare_model(model)


def family_of_name(model: str) -> str | None:
    """The family that an id's first letters tell, or None."""
    found = _by_name(model)
    return found.family if found else None


def _by_name(model: str) -> Model | None:
    name = bare_model(model)
    return next((row for start, row in BY_NAME.items() if name.startswith(start)), None)


#: Every image model that the official SDKs name, and the six of the product.
CATALOG = Catalog(MODELS)
