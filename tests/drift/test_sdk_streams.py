"""Drift: every field of the SDKs' events of streams is named by our structs, or carried."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types import (
    ImageEditCompletedEvent,
    ImageEditPartialImageEvent,
    ImageGenCompletedEvent,
    ImageGenPartialImageEvent,
)
from openai.types.chat import chat_completion_chunk

from imagewire.codec.fields import Wire
from imagewire.formats.chat import wire as chat
from imagewire.formats.images import wire as images
from sdk_types import names_of

PAIRS = [
    (chat_completion_chunk.ChatCompletionChunk, chat.Chunk),
    (chat_completion_chunk.Choice, chat.ChunkChoice),
    (chat_completion_chunk.ChoiceDelta, chat.Message),
    (ImageGenCompletedEvent, images.Event),
    (ImageGenPartialImageEvent, images.Event),
    (ImageEditCompletedEvent, images.Event),
    (ImageEditPartialImageEvent, images.Event),
]


@pytest.mark.parametrize(("theirs", "ours"), PAIRS, ids=lambda kind: kind.__name__)
def test_every_field_of_an_event_is_named_or_carried(theirs: Any, ours: type[Wire]) -> None:
    assert set() == set(theirs.model_fields) - set(names_of(ours)) - ours.OFFICIAL
