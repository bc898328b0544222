"""``generationConfig``: ``read_*`` and ``write_*`` side by side.

Ratio and tier stand in ``imageConfig``; ``responseFormat.image`` is read too, with its enum names.
A list of them stays in a body of this API; else it is written as ``imageConfig``. Pixels become the
model's nearest ratio and tier.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.catalog import Model
from imagewire.codec.writing import Writing, is_marked
from imagewire.errors import UnsupportedError
from imagewire.formats.gemini import wire
from imagewire.formats.shared.google_settings import thinking_fields
from imagewire.known_models import ALL_RATIOS, MISPRINTS
from imagewire.loss import C, Report, lost
from imagewire.model import (
    ANY_IMAGE,
    ANY_SAMPLING,
    MEDIA_TYPE,
    ImageRequest,
    ImageSettings,
    Sampling,
)
from imagewire.rules.geometry import is_ratio, nearest_ratio, nearest_tier
from imagewire.rules.settings import media_format, neutral, one, tier_name

_CONFIG = "$.generationConfig"
_INT32 = range(-(2**31), 2**31)
# google-genai types.AspectRatio and types.ImageSize: SIXTEEN_BY_NINE, FIVE_TWELVE, ONE_K.
_NUMBERS = {
    "ONE": "1",
    "TWO": "2",
    "THREE": "3",
    "FOUR": "4",
    "FIVE": "5",
    "EIGHT": "8",
    "NINE": "9",
    "SIXTEEN": "16",
    "TWENTY_ONE": "21",
}
_TIERS = {"FIVE_TWELVE": "512", "ONE_K": "1K", "TWO_K": "2K", "FOUR_K": "4K"}

#: The imageConfig field that only Vertex has: a mark says that a request had it.
OUTPUT_OPTIONS = ("generationConfig", "imageConfig", "imageOutputOptions")

#: Where a setting may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.count": (f"{_CONFIG}.candidateCount",),
    "$.modalities": (f"{_CONFIG}.responseModalities",),
    "$.image.aspect_ratio": (
        f"{_CONFIG}.imageConfig.aspectRatio",
        f"{_CONFIG}.responseFormat.image.aspectRatio",
        f"{_CONFIG}.responseFormat[0].image.aspectRatio",
    ),
    "$.image.tier": (
        f"{_CONFIG}.imageConfig.imageSize",
        f"{_CONFIG}.responseFormat.image.imageSize",
        f"{_CONFIG}.responseFormat[0].image.imageSize",
    ),
    "$.image.format": (f"{_CONFIG}.imageConfig.imageOutputOptions.mimeType",),
    "$.image.compression": (f"{_CONFIG}.imageConfig.imageOutputOptions.compressionQuality",),
    "$.sampling.temperature": (f"{_CONFIG}.temperature",),
    "$.sampling.top_p": (f"{_CONFIG}.topP",),
    "$.sampling.top_k": (f"{_CONFIG}.topK",),
    "$.sampling.seed": (f"{_CONFIG}.seed",),
    "$.sampling.stop": (f"{_CONFIG}.stopSequences",),
    "$.sampling.max_tokens": (f"{_CONFIG}.maxOutputTokens",),
    "$.sampling.presence_penalty": (f"{_CONFIG}.presencePenalty",),
    "$.sampling.frequency_penalty": (f"{_CONFIG}.frequencyPenalty",),
    "$.thinking": (f"{_CONFIG}.thinkingConfig",),
    "$.safety": ("$.safetySettings",),
    "$.cached_content": ("$.cachedContent",),
    "$.system": ("$.systemInstruction.parts",),
    "$.turns": ("$.contents",),
}


def refuse_unsupported(config: wire.GenerationConfig) -> None:
    """An image model answers with parts, not with a document of a schema, nor with logprobs."""
    if config.response_mime_type not in {None, "", "text/plain"}:
        msg = "`responseMimeType` is not supported for image generation"
        raise UnsupportedError(msg, path=f"{_CONFIG}.responseMimeType")
    if config.response_logprobs:
        msg = "`responseLogprobs` is not supported for image generation"
        raise UnsupportedError(msg, path=f"{_CONFIG}.responseLogprobs")


def read_image(config: wire.GenerationConfig) -> ImageSettings:
    """Ratio, tier, and Vertex's output options."""
    if config.image_config is None and config.response_format is None:
        return ANY_IMAGE
    image = config.image_config or wire.ImageConfig()
    formats = config.response_format
    places = (
        [(f"[{index}]", item) for index, item in enumerate(formats)]
        if isinstance(formats, list)
        else [("", formats)]
    )
    shapes = [
        (f"{_CONFIG}.responseFormat{place}.image", item.image)
        for place, item in places
        if item is not None and item.image is not None
    ]
    options = image.image_output_options or wire.ImageOutputOptions()
    return ImageSettings(
        aspect_ratio=one(
            (f"{_CONFIG}.imageConfig.aspectRatio", neutral(image.aspect_ratio)),
            *((f"{path}.aspectRatio", _ratio(shape.aspect_ratio)) for path, shape in shapes),
        ),
        tier=one(
            (f"{_CONFIG}.imageConfig.imageSize", tier_name(image.image_size)),
            *((f"{path}.imageSize", _tier(shape.image_size)) for path, shape in shapes),
        ),
        format=media_format(options.mime_type),
        compression=options.compression_quality,
    )


def _ratio(text: str | None) -> str | None:
    """A ratio, or an enum's name of one: ``ASPECT_RATIO_16_9``, ``..._SIXTEEN_BY_NINE``."""
    name = (text or "").upper().removeprefix("ASPECT_RATIO_")
    width, _, height = name.partition("_BY_" if "_BY_" in name else "_")
    ratio = f"{_NUMBERS.get(width, width)}:{_NUMBERS.get(height, height)}"
    return ratio if is_ratio(ratio) else _specified(text)


def _tier(text: str | None) -> str | None:
    """A tier, or an enum's name of one: ``IMAGE_SIZE_2K``, ``IMAGE_SIZE_TWO_K``."""
    name = (text or "").upper()
    if name.startswith("IMAGE_SIZE_"):
        name = name.removeprefix("IMAGE_SIZE_")
        text = _TIERS.get(name, name)
    return tier_name(_specified(text))


def _specified(text: str | None) -> str | None:
    return None if text and text.upper().endswith("UNSPECIFIED") else neutral(text)


def write_config(request: ImageRequest, model: Model, writing: Writing) -> wire.GenerationConfig:
    """The settings of a request; what the model or the API lacks is reported."""
    config = wire.GenerationConfig(response_modalities=list(request.modalities))
    if request.image is not ANY_IMAGE:
        vertex = writing.options.vertex or is_marked(request.extras, "gemini", *OUTPUT_OPTIONS)
        config.image_config = _write_image(request, model, writing.report, vertex=vertex)
    if request.sampling is not ANY_SAMPLING:
        _write_sampling(request, config, writing.report)
    if request.thinking is not None:
        thinking = thinking_fields(request.thinking, str.upper)
        config.thinking_config = wire.ThinkingConfig(**thinking)
    return config


def _write_image(
    request: ImageRequest, model: Model, report: Report, *, vertex: bool
) -> wire.ImageConfig | None:
    """The image config of a model; what the model or the API lacks is reported."""
    image = request.image
    ratio, tier = _shape(image, model, request.model or model.id, report)
    for name in ("quality", "background", "moderation", "input_fidelity"):
        value = getattr(image, name)
        if value is not None:
            detail = "{} {}: Gemini has no such setting"
            report(
                lost(C.NO_SUCH_SETTING, f"$.image.{name}", detail, name.replace("_", " "), value)
            )
    options = None
    if vertex:
        options = _output_options(image, report)
    else:
        _report_output(image, report)
    if ratio is None and tier is None and options is None:
        return None
    return wire.ImageConfig(aspect_ratio=ratio, image_size=tier, image_output_options=options)


def _shape(
    image: ImageSettings, model: Model, name: str, report: Report
) -> tuple[str | None, str | None]:
    """Ratio and tier: as asked, known or not; else the nearest to the pixels asked."""
    ratio, tier = image.aspect_ratio, image.tier
    if ratio is not None and model.lacks(ratio, model.ratios or None):
        detail = "aspect ratio {}: {} is not known to make it"
        report(lost(C.UNLISTED_SIZE, "$.image.aspect_ratio", detail, ratio, name))
    if tier is not None and model.lacks(tier, model.tiers):
        detail = "tier {}: {} is not known to make it"
        report(lost(C.UNLISTED_SIZE, "$.image.tier", detail, tier, name))
    if image.size is not None:
        size = MISPRINTS.get(image.size, image.size)
        ratio = ratio or nearest_ratio(size, model.ratios or ALL_RATIOS)
        tier = tier or (nearest_tier(size, model.tiers) if model.tiers else None)
        if model.pixels.get((ratio, tier)) != size:
            shape = f"{ratio} at tier {tier}" if tier else ratio
            detail = "size {} became aspect ratio {}"
            report(lost(C.NEAREST_SIZE, "$.image.size", detail, image.size, shape))
    return ratio, tier


def _output_options(image: ImageSettings, report: Report) -> wire.ImageOutputOptions | None:
    kind = None if image.format is None else f"image/{image.format}"
    if kind is not None and not MEDIA_TYPE.fullmatch(kind):
        detail = "output format {}: not the name of an image type"
        report(lost(C.UNSUPPORTED_VALUE, "$.image.format", detail, image.format))
        kind = None
    if kind is None and image.compression is None:
        return None
    return wire.ImageOutputOptions(mime_type=kind, compression_quality=image.compression)


def _report_output(image: ImageSettings, report: Report) -> None:
    """Report output options, which only Vertex has; compression 100 of a PNG changes nothing."""
    if image.format is not None:
        detail = "output format {}: only Vertex AI has this setting"
        report(lost(C.NO_SUCH_SETTING, "$.image.format", detail, image.format))
    png = image.format in {None, "png"}
    if image.compression is not None and not (png and image.compression == 100):
        detail = "output compression {}: only Vertex AI has this setting"
        report(lost(C.NO_SUCH_SETTING, "$.image.compression", detail, image.compression))


def read_sampling(config: wire.GenerationConfig) -> Sampling:
    """The sampling settings."""
    return Sampling(
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=config.top_k,
        seed=config.seed,
        stop=tuple(config.stop_sequences or ()),
        max_tokens=config.max_output_tokens,
        presence_penalty=config.presence_penalty,
        frequency_penalty=config.frequency_penalty,
    )


def _write_sampling(request: ImageRequest, config: wire.GenerationConfig, report: Report) -> None:
    """The sampling settings; Gemini's seed is an int32 (generation_config.proto)."""
    sampling = request.sampling
    seed = sampling.seed
    if seed is not None and seed not in _INT32:
        detail = "seed {}: Gemini takes 32-bit integers only"
        report(lost(C.UNSUPPORTED_VALUE, "$.sampling.seed", detail, seed))
        seed = None
    elif seed is not None and request.count > 1:
        detail = "seed {}: {} calls with the same seed may make the same image"
        report(lost(C.REPEATED_SEED, "$.sampling.seed", detail, seed, request.count))
    config.temperature = sampling.temperature
    config.top_p = sampling.top_p
    config.top_k = sampling.top_k
    config.seed = seed
    config.stop_sequences = list(sampling.stop) or None
    config.max_output_tokens = sampling.max_tokens
    config.presence_penalty = sampling.presence_penalty
    config.frequency_penalty = sampling.frequency_penalty
