"""Texts with pictures in markdown, in any slices, as chat and Gemini upstreams stream them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

import hub
import imagewire
from events import sent
from imagewire.model import ImageResponse, Part
from stream_laws import folded, is_joined
from streamed import chunk, piece

MARKDOWN = imagewire.Options(read_markdown=True)
URI = f"data:image/png;base64,{hub.PNG}"
OTHER = f"data:image/gif;base64,{hub.GIF}"

#: What a text is made of: pictures, what is none, and what stands around them.
PIECES = (
    *(f"![image]({URI})", f"![]( {OTHER}\n)", "![a](https://example.com/a.png)"),
    *(f"![a](data:image/webp;base64,{hub.PNG})", f"![a](data:,{hub.PNG})"),
    *("![a](data:image/svg+xml;utf8,<svg/>)", "![a](data:image/png;base64,%)"),
    *(f"![a]({URI}", f"![a]({URI}](", "![a](fox.png)", "![a](see it)", "![a](file:///a)"),
    *("![", "!", "](", "]", "(", ")", "[", "\n", "\n\n", "\n\n\n", " "),
    *("data:", "Data:image/png;base64,", "data:text/plain,", URI, OTHER, hub.PNG, ","),
    *("a fox", "Wow! ", "é", "\u3000", "%", "=", "x" * 9000),
)

texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join)
cuts = st.lists(st.integers(0, 400), max_size=12)


def sliced_text(text: str, places: Sequence[int]) -> list[str]:
    """A text in slices that end at some places, none of them empty."""
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:stop] for start, stop in pairwise(ends)]


def delta(source: str, text: str, candidate: int = 0, **more: Any) -> dict[str, Any]:
    """An event with words of an answer, or with others of its part."""
    if source == "chat":
        return chunk({"content": text} if text else {}, index=candidate, **more)
    return piece(*[{"text": text}] if text else [], index=candidate, **more)


def finish(source: str, candidate: int = 0) -> dict[str, Any]:
    """The event that ends an answer."""
    ends = {"finish_reason": "stop"} if source == "chat" else {"finishReason": "STOP"}
    return delta(source, "", candidate, **ends)


def stream(source: str, slices: Sequence[str]) -> bytes:
    """One answer, streamed in slices."""
    return sent(*(delta(source, text) for text in slices), finish(source))


def whole(source: str, *texts: str) -> ImageResponse:
    """A whole reply, each of whose answers is one text."""
    if source == "chat":
        body: dict[str, Any] = {
            "choices": [
                {"index": number, "message": {"role": "assistant", "content": text}}
                for number, text in enumerate(texts)
            ]
        }
    else:
        body = {"candidates": [{"content": {"parts": [{"text": text}]}} for text in texts]}
    return imagewire.FORMATS[source].read_response(body, options=MARKDOWN).value


def parts_of(response: ImageResponse) -> list[list[Part]]:
    """The parts of each answer."""
    return [joined(candidate.parts) for candidate in response.candidates]


def joined(parts: Iterable[Part]) -> list[Part]:
    """Parts with neighbouring unsigned texts as one."""
    found: list[Part] = []
    for part in parts:
        if found and is_joined(found[-1], part):
            found[-1] = Part(text=f"{found[-1].text}{part.text}", thought=part.thought)
        else:
            found.append(part)
    return found


def folded_parts(source: str, body: bytes) -> list[list[Part]]:
    """The parts of each answer that a stream folds into."""
    response = folded(body, source, MARKDOWN)
    assert isinstance(response, ImageResponse)
    return parts_of(response)
