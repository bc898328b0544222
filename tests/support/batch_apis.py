"""Files of batch requests, read as the APIs read them: what they refuse is an `AssertionError`.

Facts (2026-11-26): the docstring of ``batches.create`` in openai 3.57 and its
``batch_create_params.py``, ai.google.dev/gemini-api/docs/batch-api, Google Cloud's labels.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from backports import zstd

ENDPOINTS = {"/v1/chat/completions", "/v1/images/generations", "/v1/images/edits"}


def unpacked(path: Path) -> bytes:
    """What is uploaded: a file without its compression."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return zstd.decompress(data) if path.suffix == ".zst" else data


def opened(path: Path, most_bytes: int) -> list[dict[str, Any]]:
    data = unpacked(path)
    assert len(data) <= most_bytes, "file_too_large"
    assert data, "empty_file"
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def openai_takes(path: Path, *, lines: int = 50_000, size: int = 200_000_000) -> tuple[str, str]:
    """The endpoint and the model of a job of OpenAI's."""
    found = opened(path, size)
    assert len(found) <= lines, "too_many_requests"
    for line in found:
        assert {"custom_id", "method", "url", "body"} == line.keys()
        assert isinstance(line["custom_id"], str)
        assert "POST" == line["method"]
    assert len(found) == len({line["custom_id"] for line in found}), "duplicate_custom_id"
    (url,) = {line["url"] for line in found}  # url_mismatch
    (model,) = {line["body"].get("model") for line in found}  # model_mismatch
    assert url in ENDPOINTS
    for line in found:
        pictures = line["body"].get("images", [])
        assert bool(pictures) == url.endswith("/edits"), "an edit has pictures"
    return url, model


def gemini_takes(path: Path, *, size: int = 2_000_000_000) -> list[str]:
    """The keys of a job of Gemini's, whose model the job names."""
    found = opened(path, size)
    for line in found:
        assert {"key", "request"} == line.keys()
        assert "model" not in line["request"]
        assert line["request"]["contents"]
    keys = [line["key"] for line in found]
    assert len(keys) == len({*keys}), "duplicate keys"
    return keys


def vertex_takes(path: Path) -> int:
    """The number of rows of a job of Vertex AI's."""
    found = opened(path, 2**62)
    for line in found:
        assert {"request"} == line.keys()
        labels = line["request"]["labels"]
        assert len(labels) <= 64
        for name, value in labels.items():
            assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name)
            assert re.fullmatch(r"[a-z0-9_-]{0,63}", value)
    return len(found)
