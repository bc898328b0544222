"""The settings of a chat request: ``read_*`` and ``write_*`` side by side.

OpenAI's schema has no image settings. The gateways' extension keys are read in all their places
(``image_config``, flat keys, ``extra_body``, ``extra_body.google``, ``google``, with and without
``generation_config``); equal values pass, different ones raise. Written are ``image_config``, flat
keys and ``extra_body.google``.

Modalities are a set: their order is not kept. A seed, a penalty and the like pass unchecked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import structs

from imagewire.errors import UnsupportedError
from imagewire.formats.chat import wire
from imagewire.formats.shared.google_settings import (
    read_safety,
    read_thinking,
    safety_fields,
    thinking_fields,
)
from imagewire.formats.shared.image_config import ImageConfig, read_shape, wire_paths
from imagewire.loss import C, Report, lost
from imagewire.model import (
    ANY_IMAGE,
    ANY_SAMPLING,
    DEFAULT_MODALITIES,
    ImageRequest,
    ImageSettings,
    SafetySetting,
    Sampling,
    Thinking,
)
from imagewire.rules.settings import (
    modalities,
    one,
    read_count,
    read_image_settings,
)

#: Google's fields wherever they stand, each with its path.
Googles = tuple[tuple[str, wire.Google], ...]

_NO_CALL = (None, "none", "auto")  # tuples: a body may hold unhashable values here
_NO_EFFORT = (None, "none")
_OPENAI_MODALITIES = {"TEXT", "AUDIO"}

_GOOGLE = ("extra_body.google", "google", "extra_body")


def _paths(*names: str) -> tuple[str, ...]:
    """All paths of one of Google's fields, the one that we write first."""
    return tuple(f"$.{place}.{name}" for place in _GOOGLE for name in names)


#: Where a setting may come from, for losses that writers find: the first one present is shown.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.count": ("$.n",),
    "$.image.aspect_ratio": (*wire_paths("aspect_ratio"), *wire_paths("image_size"), "$.size"),
    "$.image.tier": (*wire_paths("image_size"), "$.size"),
    "$.image.size": ("$.size", *wire_paths("image_size")),
    "$.image.format": ("$.output_format",),
    "$.image.compression": ("$.output_compression",),
    "$.sampling.top_k": _paths("top_k", "generation_config.top_k"),
    "$.sampling.max_tokens": ("$.max_completion_tokens", "$.max_tokens"),
    "$.thinking": _paths("thinking_config", "generation_config.thinking_config"),
    "$.safety": _paths("safety_settings"),
    "$.cached_content": _paths("cached_content"),
    "$.turns": ("$.messages",),
    **{
        f"$.{group}.{name}": (f"$.{name}",)
        for group, names in {
            "image": ("quality", "background", "moderation", "input_fidelity"),
            "sampling": (
                "temperature",
                "top_p",
                "seed",
                "stop",
                "presence_penalty",
                "frequency_penalty",
            ),
        }.items()
        for name in names
    },
}


def read_settings(body: wire.Request, report: Report) -> dict[str, Any]:
    """The settings of a request, by the names of the hub's fields."""
    if body == wire.Request(model=body.model, messages=body.messages):
        return {}  # most ask for nothing else, and one comparison tells
    _refuse_unsupported(body)
    googles = _googles_of(body)
    google = _read_google(body, googles)
    return {
        "count": read_count(body.n, "$.n"),
        "modalities": modalities(body.modalities),
        "image": _read_image(body, googles, report),
        "sampling": _read_sampling(body, google, report),
        "thinking": google.thinking,
        "safety": google.safety,
        "cached_content": google.cached_content,
        "user": body.user or None,
        "safety_identifier": body.safety_identifier or None,
    }


def _refuse_unsupported(body: wire.Request) -> None:
    """The product page: no tools, response_format, reasoning or logprobs here."""
    name = (
        (body.tools and "tools")
        or (body.functions and "functions")
        or (body.tool_choice not in _NO_CALL and "tool_choice")
        or (body.function_call not in _NO_CALL and "function_call")
        or (body.response_format and _is_document(body.response_format) and "response_format")
        or (body.reasoning and "reasoning")
        or (body.reasoning_effort not in _NO_EFFORT and "reasoning_effort")
        or (body.logprobs and "logprobs")
        or (body.top_logprobs and "top_logprobs")
    )
    if name:
        msg = f"`{name}` is not supported for image generation"
        raise UnsupportedError(msg, path=f"$.{name}")


def _is_document(response_format: Any) -> bool:
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    return kind != "text"


def _googles_of(body: wire.Request) -> Googles:
    """Google's fields, each with its path."""
    if body.extra_body is None and body.google is None:
        return ()
    outer = body.extra_body
    inner = outer.google if outer is not None else None
    places = (("$.extra_body.google", inner), ("$.google", body.google), ("$.extra_body", outer))
    return tuple((path, google) for path, google in places if google is not None)


class Google(msgspec.Struct):
    """Google's fields but for the image config, which other keys can stand for."""

    thinking: Thinking | None = None
    safety: tuple[SafetySetting, ...] = ()
    cached_content: str | None = None
    top_k: float | None = None


_NO_GOOGLE = Google()


def _read_google(body: wire.Request, googles: Googles) -> Google:
    """Google's fields, from all their places."""
    if not googles and body.generation_config is None:
        return _NO_GOOGLE
    configs: list[tuple[str, wire.Google | wire.GenerationConfig]] = list(googles)
    places: list[tuple[str, wire.Request | wire.Google]] = [("$", body), *googles]
    for path, place in places:
        if place.generation_config is not None:
            configs.append((f"{path}.generation_config", place.generation_config))

    def said(name: str, read: Callable[[Any], Any] = lambda value: value) -> Any:
        values = [(path, getattr(place, name, None)) for path, place in configs]
        return one(*[(f"{path}.{name}", read(value)) for path, value in values])

    return Google(
        thinking=said("thinking_config", read_thinking),
        safety=read_safety(said("safety_settings")),
        cached_content=said("cached_content") or None,
        top_k=said("top_k"),
    )


def _read_image(body: wire.Request, googles: Googles, report: Report) -> ImageSettings:
    """Size, ratio, tier and the flat image keys."""
    size, ratio, tier = read_shape(body.size, [("$", body), *googles], report)
    return read_image_settings(body, size=size, aspect_ratio=ratio, tier=tier)


def write_image(image: ImageSettings, body: wire.Request, report: Report, *, extend: bool) -> None:
    """The image settings as extension keys, or reported where those are not wanted."""
    if image is ANY_IMAGE:
        return
    if not extend:
        for name, value in structs.asdict(image).items():
            if value is not None:
                detail = "{} {} is outside OpenAI's chat schema"
                report(
                    lost(
                        C.EXTENSION_SETTING,
                        f"$.image.{name}",
                        detail,
                        name.replace("_", " "),
                        value,
                    )
                )
        return
    if image.size is not None:
        body.size = str(image.size)
    if image.aspect_ratio is not None or image.tier is not None:
        body.image_config = ImageConfig(aspect_ratio=image.aspect_ratio, image_size=image.tier)
    body.quality = image.quality
    body.background = image.background
    body.output_format = image.format
    body.output_compression = image.compression
    if image.moderation is not None:  # there, an object of OpenAI's own has this name
        detail = "moderation {}: a chat completion has no such setting"
        report(lost(C.NO_SUCH_SETTING, "$.image.moderation", detail, image.moderation))
    body.input_fidelity = image.input_fidelity


def _read_sampling(body: wire.Request, google: Google, report: Report) -> Sampling:
    """The sampling settings; ``max_completion_tokens`` wins over deprecated ``max_tokens``."""
    stop, limit = body.stop, body.max_completion_tokens
    if limit is not None and body.max_tokens not in {None, limit}:
        detail = "max_tokens {}: max_completion_tokens, {}, is used instead"
        report(lost(C.CONTRADICTING_SETTING, "$.max_tokens", detail, body.max_tokens, limit))
    return Sampling(
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=google.top_k,
        seed=body.seed,
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        max_tokens=body.max_tokens if limit is None else limit,
        presence_penalty=body.presence_penalty,
        frequency_penalty=body.frequency_penalty,
    )


def write_sampling(sampling: Sampling, body: wire.Request) -> None:
    """The sampling settings, without ``top_k``, which is one of Google's fields."""
    if sampling is ANY_SAMPLING:
        return
    body.temperature = sampling.temperature
    body.top_p = sampling.top_p
    body.seed = sampling.seed
    body.stop = list(sampling.stop) or None
    body.max_completion_tokens = sampling.max_tokens
    body.presence_penalty = sampling.presence_penalty
    body.frequency_penalty = sampling.frequency_penalty


def write_google(
    request: ImageRequest, body: wire.Request, report: Report, *, extend: bool
) -> None:
    """Settings that only Gemini has, under ``extra_body.google``."""
    thinking, top_k = request.thinking, request.sampling.top_k
    if thinking is None and top_k is None and not request.safety and not request.cached_content:
        return
    if not extend:
        for path, value in _google_paths(request):
            if value:
                detail = "a field of Google's, outside OpenAI's chat schema"
                report(lost(C.EXTENSION_SETTING, path, detail))
        return
    body.extra_body = wire.ExtraBody(
        google=wire.Google(
            thinking_config=None
            if thinking is None
            else wire.ThinkingConfig(**thinking_fields(thinking, str.lower)),
            safety_settings=[wire.SafetySetting(**safety_fields(item)) for item in request.safety]
            or None,
            cached_content=request.cached_content,
            top_k=top_k,
        )
    )


def _google_paths(request: ImageRequest) -> Iterable[tuple[str, object]]:
    yield "$.thinking", request.thinking
    yield "$.safety", request.safety
    yield "$.cached_content", request.cached_content
    yield "$.sampling.top_k", request.sampling.top_k is not None


def write_modalities(
    names: tuple[str, ...], body: wire.Request, report: Report, *, extend: bool
) -> None:
    """Lower case; TEXT+IMAGE, the default, is left out. OpenAI's own are ``text`` and ``audio``."""
    if names == DEFAULT_MODALITIES:
        return
    if extend or _OPENAI_MODALITIES.issuperset(names):
        body.modalities = [name.lower() for name in names]
    else:
        detail = "modalities {}: OpenAI's chat schema has text and audio only"
        report(lost(C.EXTENSION_SETTING, "$.modalities", detail, "+".join(names)))
