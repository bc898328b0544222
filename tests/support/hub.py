"""Hub values for the laws: one with each field set."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from imagewire.formats import FORMATS
from imagewire.model import (
    Block,
    Candidate,
    Extra,
    File,
    Foreign,
    Image,
    ImageRequest,
    ImageResponse,
    ImageSettings,
    ModalityCount,
    Part,
    SafetySetting,
    Sampling,
    Size,
    StreamWish,
    Thinking,
    Turn,
    Usage,
)

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4EaDxHwAFZAJAZFKcOgAA"
    "AABJRU5ErkJggg=="
)
GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
PNG_URI = f"data:image/png;base64,{PNG}"
GIF_URI = f"data:image/gif;base64,{GIF}"
SIGNATURE = "CgP7/+/+Pj8="
MODEL = "gemini-3-pro-image-preview"

HELLO = Part(text="a fox")
PICTURE = Part(image=Image(data=PNG, media_type="image/png"))
USAGE = Usage(prompt=5, candidates=7, total=12)
FILE = File(name="a.cube", data="AAEC", media_type="text/plain")
EXTRAS = tuple(Extra(format=format_, path=("labels",), value={"team": "x"}) for format_ in FORMATS)
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
CALL = {"functionCall": {"name": "f", "args": {}}}

#: The reasons by which the safety system ends an answer.
BLOCKING = (
    *("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "JAILBREAK"),
    *("RECITATION", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
)


def request(*parts: Part, **fields: Any) -> ImageRequest:
    """A request with one user turn."""
    turns = fields.pop("turns", (Turn(role="user", parts=parts or (HELLO,)),))
    return ImageRequest(model=MODEL, turns=turns, **fields)


def history(*parts: Part) -> ImageRequest:
    """A request whose model turn before the prompt says something."""
    return request(
        turns=(
            Turn(role="user", parts=(HELLO,)),
            Turn(role="model", parts=parts),
            Turn(role="user", parts=(Part(text="make it night"),)),
        )
    )


def response(*parts: Part, **fields: Any) -> ImageResponse:
    """A response of one candidate."""
    candidates = fields.pop("candidates", (Candidate(parts=parts or (PICTURE,)),))
    known: dict[str, Any] = {"id": "r1", "created": 1735689600, "model": MODEL, "usage": USAGE}
    return ImageResponse(candidates=candidates, **{**known, **fields})


def settings(**fields: Any) -> ImageRequest:
    return request(image=ImageSettings(**fields))


def sampling(**fields: Any) -> ImageRequest:
    return request(sampling=Sampling(**fields))


def usage(**fields: Any) -> ImageResponse:
    return response(usage=structs.replace(USAGE, **fields))


#: A request for each field of the hub in which that field says something.
REQUESTS: dict[str, ImageRequest] = {
    "ImageRequest.model": request(),
    "ImageRequest.model_as_given": request(model_as_given=f"google/{MODEL}"),
    "ImageRequest.system": request(system=(Part(text="Be terse."), Part(text="Be kind."))),
    "ImageRequest.turns": history(Part(text="Here it is.")),
    "ImageRequest.mask": request(PICTURE, HELLO, mask=PICTURE.image),
    "ImageRequest.markup": request(PICTURE, HELLO, markup=PICTURE.image),
    "ImageRequest.count": request(count=2),
    "ImageRequest.modalities": request(modalities=("IMAGE",)),
    "ImageRequest.image": settings(aspect_ratio="16:9", tier="2K"),
    "ImageRequest.sampling": sampling(temperature=0.5, top_p=0.9),
    "ImageRequest.thinking": request(thinking=Thinking(include_thoughts=True)),
    "ImageRequest.safety": request(
        safety=(SafetySetting(category="HARM_CATEGORY_HARASSMENT", threshold="OFF"),)
    ),
    "ImageRequest.cached_content": request(cached_content="cachedContents/abc"),
    "ImageRequest.user": request(user="u-1"),
    "ImageRequest.safety_identifier": request(safety_identifier="s-1"),
    "ImageRequest.response_format": request(response_format="url"),
    "ImageRequest.stream": request(stream=StreamWish()),
    "StreamWish.framing": request(stream=StreamWish(framing="array")),
    "StreamWish.include_usage": request(stream=StreamWish(include_usage=True)),
    "StreamWish.partial_images": request(stream=StreamWish(partial_images=2)),
    "ImageRequest.extras": request(extras=EXTRAS),
    "Turn.role": history(Part(text="Here it is.")),
    "Turn.parts": request(HELLO, PICTURE),
    "Turn.extras": request(turns=(Turn(role="user", parts=(HELLO,), extras=EXTRAS),)),
    "Part.text": request(HELLO),
    "Part.image": request(PICTURE, HELLO),
    "Part.foreign": history(Part(foreign=Foreign(format="chat", kind="input_audio", value=AUDIO))),
    "Part.thought": history(structs.replace(PICTURE, thought=True, signature=SIGNATURE)),
    "Part.signature": history(structs.replace(PICTURE, signature=SIGNATURE)),
    "Part.extras": request(structs.replace(PICTURE, extras=EXTRAS), HELLO),
    "Foreign.format": history(
        Part(foreign=Foreign(format="gemini", kind="functionCall", value=CALL)), HELLO
    ),
    "Foreign.kind": history(Part(foreign=Foreign(format="chat", kind="input_audio", value=AUDIO))),
    "Foreign.value": history(Part(foreign=Foreign(format="chat", kind="input_audio", value=AUDIO))),
    "Image.data": request(PICTURE, HELLO),
    "Image.url": request(Part(image=Image(url="gs://bucket/a.png")), HELLO),
    "Image.file_id": request(Part(image=Image(file_id="file-1")), HELLO),
    "Image.media_type": request(Part(image=Image(data=GIF, media_type="image/gif")), HELLO),
    "Image.detail": request(
        Part(image=Image(data=PNG, media_type="image/png", detail="high")), HELLO
    ),
    "Size.width": settings(size=Size(width=1000, height=1024)),
    "Size.height": settings(size=Size(width=1024, height=1000)),
    "ImageSettings.size": settings(size=Size(width=1376, height=768)),
    "ImageSettings.aspect_ratio": settings(aspect_ratio="4:3"),
    "ImageSettings.tier": settings(tier="4K"),
    "ImageSettings.quality": settings(quality="high"),
    "ImageSettings.background": settings(background="opaque"),
    "ImageSettings.format": settings(format="webp"),
    "ImageSettings.compression": settings(compression=80),
    "ImageSettings.moderation": settings(moderation="low"),
    "ImageSettings.input_fidelity": settings(input_fidelity="high"),
    "Sampling.temperature": sampling(temperature=1.0),
    "Sampling.top_p": sampling(top_p=0.5),
    "Sampling.top_k": sampling(top_k=40),
    "Sampling.seed": sampling(seed=7),
    "Sampling.stop": sampling(stop=("END", "FIN")),
    "Sampling.max_tokens": sampling(max_tokens=1000),
    "Sampling.presence_penalty": sampling(presence_penalty=0.5),
    "Sampling.frequency_penalty": sampling(frequency_penalty=-0.5),
    "Thinking.include_thoughts": request(thinking=Thinking(include_thoughts=False)),
    "Thinking.budget": request(thinking=Thinking(budget=-1)),
    "Thinking.level": request(thinking=Thinking(level="HIGH")),
    "SafetySetting.category": request(safety=(SafetySetting(category="A", threshold="OFF"),)),
    "SafetySetting.threshold": request(safety=(SafetySetting(category="A", threshold="OFF"),)),
    "SafetySetting.method": request(
        safety=(SafetySetting(category="A", threshold="OFF", method="SEVERITY"),)
    ),
    "Extra.format": request(extras=EXTRAS),
    "Extra.path": request(extras=EXTRAS),
    "Extra.value": request(extras=EXTRAS),
    "Extra.policy": request(
        extras=(
            Extra(format="gemini", path=("tools",), value=[{"urlContext": {}}], policy="refuse"),
        )
    ),
    "Extra.kept": request(
        extras=(Extra(format="gemini", path=("labels",), value={"a": "b"}, kept=False),)
    ),
    **dict.fromkeys(
        ("Extra.file", "File.name", "File.data", "File.media_type"),
        request(
            PICTURE,
            HELLO,
            extras=(Extra(format="images", path=("lut",), value=None, file=FILE),),
        ),
    ),
}

#: The same for responses.
RESPONSES: dict[str, ImageResponse] = {
    "ImageResponse.id": response(),
    "ImageResponse.created": response(),
    "ImageResponse.model": response(),
    "ImageResponse.model_as_given": response(model_as_given=f"google/{MODEL}"),
    "ImageResponse.candidates": response(candidates=(Candidate(parts=(PICTURE,)),) * 2),
    "ImageResponse.block": response(
        candidates=(), block=Block(reason="PROHIBITED_CONTENT", message="Not this.")
    ),
    "ImageResponse.usage": response(),
    "ImageResponse.image": response(image=ImageSettings(quality="high")),
    "ImageResponse.extras": response(extras=EXTRAS),
    "Candidate.parts": response(HELLO, PICTURE, Part(text="And more.")),
    "Candidate.finish": response(candidates=(Candidate(parts=(PICTURE,), finish="IMAGE_OTHER"),)),
    "Candidate.finish_message": response(
        candidates=(Candidate(finish="IMAGE_SAFETY", finish_message="No."),)
    ),
    "Candidate.extras": response(candidates=(Candidate(parts=(PICTURE,), extras=EXTRAS),)),
    "Block.reason": response(candidates=(), block=Block(reason="SAFETY")),
    "Block.extras": response(candidates=(), block=Block(reason="SAFETY", extras=EXTRAS)),
    "Block.message": response(candidates=(), block=Block(reason="OTHER", message="Not this.")),
    "Usage.prompt": usage(prompt=6, total=13),
    "Usage.tool_use": usage(tool_use=3, total=15),
    "Usage.cached": usage(cached=2),
    "Usage.candidates": usage(candidates=8, total=13),
    "Usage.thoughts": usage(thoughts=4, total=16),
    "Usage.total": usage(total=99),
    "Usage.prompt_details": usage(prompt_details=(ModalityCount(modality="IMAGE", tokens=5),)),
    "Usage.cached_details": usage(cached_details=(ModalityCount(modality="TEXT", tokens=2),)),
    "Usage.tool_use_details": usage(tool_use_details=(ModalityCount(modality="TEXT", tokens=2),)),
    "Usage.candidates_details": usage(
        candidates_details=(ModalityCount(modality="IMAGE", tokens=7),)
    ),
    "Usage.extras": usage(extras=EXTRAS),
    "ModalityCount.modality": usage(prompt_details=(ModalityCount(modality="VIDEO", tokens=5),)),
    "ModalityCount.tokens": usage(prompt_details=(ModalityCount(modality="TEXT", tokens=5),)),
}
