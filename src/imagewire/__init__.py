"""imagewire translates image-generation traffic between wire formats.

Pure functions over bytes: OpenAI Chat Completions, Gemini generateContent, OpenAI Images and OpenAI
Responses; requests, replies and errors, in every direction, with a report of everything that could
not be carried.

It has no network, files, clock, randomness, logging or global state: transport, retries and
fetching remote images are the caller's.
"""

from __future__ import annotations

from imagewire.catalog import CATALOG
from imagewire.endpoints import (
    Endpoint,
    credential_headers,
    endpoint_path,
    guess_format,
    match_endpoint,
    native_format,
    read_credentials,
    serves,
)
from imagewire.errors import (
    CredentialError,
    InexpressibleError,
    InvalidModelError,
    LossyError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.formats import FORMATS, Format, chat, gemini, images, responses
from imagewire.loss import Loss, LossCode, LossKind, LossLevel, Outcome
from imagewire.messages import (
    Payload,
    Reply,
    TranslatedRequest,
    TranslatedResponse,
    WireRequest,
    WireResponse,
)
from imagewire.model import Failure, FailureKind, ReplyContext
from imagewire.options import Options
from imagewire.translate import (
    StreamTranslator,
    check_request,
    keep_alive,
    read_model,
    remote_images,
    render_error,
    render_models,
    translate_request,
    translate_response,
    translate_responses,
    translate_stream,
    translate_stream_async,
)

__version__ = "0.1.0"

__all__ = [
    "CATALOG",
    "FORMATS",
    "CredentialError",
    "Endpoint",
    "Failure",
    "FailureKind",
    "Format",
    "InexpressibleError",
    "InvalidModelError",
    "Loss",
    "LossCode",
    "LossKind",
    "LossLevel",
    "LossyError",
    "MalformedError",
    "Options",
    "Outcome",
    "Payload",
    "Reply",
    "ReplyContext",
    "StreamTranslator",
    "TranslatedRequest",
    "TranslatedResponse",
    "TranslationError",
    "UnsupportedError",
    "WireRequest",
    "WireResponse",
    "chat",
    "check_request",
    "credential_headers",
    "endpoint_path",
    "gemini",
    "guess_format",
    "images",
    "keep_alive",
    "match_endpoint",
    "native_format",
    "read_credentials",
    "read_model",
    "remote_images",
    "render_error",
    "render_models",
    "responses",
    "serves",
    "translate_request",
    "translate_response",
    "translate_responses",
    "translate_stream",
    "translate_stream_async",
]
