"""The public surface, by list: what other projects may import."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

import imagewire

VERBS = {
    "read_request",
    "write_request",
    "read_response",
    "write_response",
    "read_failure",
    "write_failure",
}


def public(module: ModuleType) -> set[str]:
    return {name for name in dir(module) if not name.startswith("_")}


class TestPackage:
    def test_all_is_sorted_and_there(self) -> None:
        def order(name: str) -> tuple[int, str]:
            return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

        assert sorted(imagewire.__all__, key=order) == imagewire.__all__
        assert set(imagewire.__all__) <= set(dir(imagewire))

    def test_what_is_public_is_in_all_or_a_module(self) -> None:
        modules = {name for name in public(imagewire) if inspect.ismodule(getattr(imagewire, name))}

        assert public(imagewire) - modules - {"annotations"} <= set(imagewire.__all__)

    def test_every_public_thing_has_a_docstring(self) -> None:
        things = {name: getattr(imagewire, name) for name in imagewire.__all__}

        assert [] == [
            n for n, thing in things.items() if callable(thing) and not inspect.getdoc(thing)
        ]


class TestFormats:
    @pytest.mark.parametrize("name", imagewire.FORMATS)
    def test_a_format_is_a_module_of_that_name(self, name: str) -> None:
        module = imagewire.FORMATS[name]

        assert (name, True) == (module.NAME, getattr(imagewire, name) is module)

    @pytest.mark.parametrize("name", imagewire.FORMATS)
    def test_a_format_has_the_six_verbs_and_says_what_it_loses(self, name: str) -> None:
        module = imagewire.FORMATS[name]

        assert set(module.__all__) >= VERBS  # type: ignore[attr-defined]
        assert "What this format cannot keep" in str(module.__doc__)

    def test_all_formats_show_the_same_names(self) -> None:
        surfaces = {frozenset(module.__all__) for module in imagewire.FORMATS.values()}  # type: ignore[attr-defined]

        assert 1 == len(surfaces)
