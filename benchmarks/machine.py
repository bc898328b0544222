"""What a run was made on: figures of another machine, interpreter or release are others."""

from __future__ import annotations

import platform
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path

import imagewire

_PACKAGES = "msgspec attrs pybase64 orjson openai google-genai pydantic litellm any-llm-sdk"


def machine() -> dict[str, str]:
    """The processor, the interpreter, and the versions of what is installed."""
    found = {"cpu": _cpu(), "cores": str(cpu_count()), "interpreter": interpreter()}
    found["imagewire"] = imagewire.__version__
    for name in _PACKAGES.split():
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def interpreter() -> str:
    """The interpreter, and whether it was built with profile-guided optimization."""
    pgo = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    build = "with" if pgo else "without"
    return f"{platform.python_implementation()} {platform.python_version()} {build} PGO"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
