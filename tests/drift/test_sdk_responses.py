"""Drift: the fields of the SDK's Responses types are named by our structs, or known to be theirs.

One struct stands for a message, a call of the tool and every other item, so that these types are
compared by name, and not by where they stand. A new release that adds a field turns a test red by
its name: name it in the struct, or in its ``OFFICIAL``.
"""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.responses import (
    EasyInputMessageParam,
    Response,
    ResponseInputImageParam,
    ResponseInputTextParam,
    ResponseOutputMessage,
    ResponseOutputMessageParam,
    ResponseOutputRefusalParam,
    ResponseOutputTextParam,
    response_input_item_param,
    tool_param,
)
from openai.types.responses.response import IncompleteDetails, ToolUsage
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from openai.types.responses.response_output_item import (
    ImageGenerationCall,
    ImageGenerationCallError,
)
from openai.types.responses.response_reasoning_item_param import ResponseReasoningItemParam, Summary
from openai.types.responses.tool_choice_types_param import ToolChoiceTypesParam

from imagewire.codec.fields import Wire
from imagewire.formats.responses import wire
from sdk_types import hints, names_of

#: For each of our structs the types of the SDK that it stands for.
TYPES: dict[type[Wire], tuple[Any, ...]] = {
    wire.Request: (ResponseCreateParamsNonStreaming,),
    wire.Tool: (tool_param.ImageGeneration,),
    wire.Mask: (tool_param.ImageGenerationInputImageMask,),
    wire.ToolChoice: (ToolChoiceTypesParam,),
    wire.Item: (
        EasyInputMessageParam,
        ResponseOutputMessage,
        ResponseOutputMessageParam,
        ResponseReasoningItemParam,
        ImageGenerationCall,
        response_input_item_param.ImageGenerationCall,
    ),
    wire.Summary: (Summary,),
    wire.CallError: (ImageGenerationCallError,),
    wire.Part: (
        ResponseInputTextParam,
        ResponseInputImageParam,
        ResponseOutputTextParam,
        ResponseOutputRefusalParam,
    ),
    wire.Response: (Response,),
    wire.ToolUsage: (ToolUsage,),
    wire.IncompleteDetails: (IncompleteDetails,),
}

#: Fields that no type of the SDK has, but relays write.
RELAYED: dict[type[Wire], set[str]] = {wire.Item: {"b64_json"}}


@pytest.mark.parametrize("struct", TYPES, ids=lambda struct: struct.__name__)
class TestNames:
    def test_every_field_of_the_sdk_s_is_named_or_official(self, struct: type[Wire]) -> None:
        theirs = {name for type_ in TYPES[struct] for name, _ in hints(type_, snake=True)}

        assert set() == theirs - set(names_of(struct)) - struct.OFFICIAL

    def test_every_field_of_ours_is_the_sdk_s(self, struct: type[Wire]) -> None:
        theirs = {name for type_ in TYPES[struct] for name, _ in hints(type_, snake=True)}

        assert RELAYED.get(struct, set()) == set(names_of(struct)) - theirs
