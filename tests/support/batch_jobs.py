"""Runs whose output is one file a job: generations and edits of Images, asked in Gemini's words."""

from __future__ import annotations

from typing import Any

import attrs

from batch_lines import text
from batch_runs import Here
from bypass import base64_of
from imagewire.batch import Batch
from imagewire.batch.run.plan import Plan

GPT = "gpt-image-2"
PICTURE = {"inlineData": {"mimeType": "image/png", "data": base64_of(30)}}


def drawn(id_: str, *parts: Any) -> bytes:
    """A request of Gemini Batch; with a picture among its parts it is an edit."""
    return text({"key": id_, "request": {"contents": [{"parts": [{"text": id_}, *parts]}]}})


def mixed(count: int) -> bytes:
    """Generations, of which every third is an edit."""
    lines = (drawn(f"id-{n}", *([PICTURE] if n % 3 == 0 else [])) for n in range(count))
    return b"".join(lines)


def split(here: Here, batch: Batch, data: bytes, name: str = "job-{n}.jsonl") -> Plan:
    plan = here.plan(batch, "in.jsonl", data)
    return attrs.evolve(plan, output=here.path / name)


IMAGES = Batch(source="gemini", target="images", model=GPT)
