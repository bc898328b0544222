"""Generated hub values: all that a reader could have read, in any combination."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import hub
from imagewire.formats import FORMATS
from imagewire.model import (
    Block,
    Candidate,
    Extra,
    Image,
    ImageRequest,
    ImageResponse,
    ImageSettings,
    ModalityCount,
    Part,
    Policy,
    SafetySetting,
    Sampling,
    Size,
    Thinking,
    Turn,
    Usage,
)
from imagewire.rules.finish import KNOWN

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
WORDS = st.text("abc _-", min_size=1, max_size=8).filter(lambda text: text.lower() != "auto")
SMALL = st.floats(-2, 2, allow_nan=False)
COUNT = st.integers(0, 5000)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def images(*, urls: bool = True) -> st.SearchStrategy[Image]:
    inline = st.sampled_from(
        [
            Image(data=hub.PNG, media_type="image/png"),
            Image(data=hub.GIF, media_type="image/gif"),
            Image(data=hub.PNG, media_type="image/png", detail="low"),
            Image(data="AAAA", media_type="image/x-unknown"),
        ]
    )
    remote = st.sampled_from(
        [Image(url="https://example.com/a.png?x=1"), Image(url="gs://bucket/a.webp")]
    )
    return inline | remote if urls else inline


def extras(policy: Policy) -> st.SearchStrategy[tuple[Extra, ...]]:
    one = st.builds(
        Extra,
        format=st.sampled_from(list(FORMATS)),
        path=st.sampled_from([("unknownField",), ("another_field",)]),
        value=st.sampled_from([None, False, 0, 1.5, "x", [1, "2"], {"a": None}]),
        policy=st.just(policy),
    )
    return st.just(()) | one.map(lambda extra: (extra,))


def parts(policy: Policy, *, urls: bool = True) -> st.SearchStrategy[Part]:
    mark: dict[str, Any] = {
        "thought": st.just(False) | st.booleans(),
        "signature": maybe(st.just(hub.SIGNATURE)),
        "extras": extras(policy),
    }
    return st.builds(Part, text=TEXT, **mark) | st.builds(Part, image=images(urls=urls), **mark)


def requests() -> st.SearchStrategy[ImageRequest]:
    content = st.lists(parts("setting"), min_size=1, max_size=3).map(tuple)
    turn = st.builds(
        Turn, role=st.sampled_from(["user", "model"]), parts=content, extras=extras("setting")
    )
    prompt = st.builds(Turn, role=st.just("user"), parts=content, extras=extras("setting"))
    return st.builds(
        ImageRequest,
        model=st.sampled_from([hub.MODEL, "gemini-2.5-flash-image", "gpt-image-2", "other-1"]),
        system=st.lists(st.builds(Part, text=TEXT), max_size=2).map(tuple),
        turns=st.tuples(st.lists(turn, max_size=2), prompt).map(lambda both: (*both[0], both[1])),
        count=st.integers(1, 10),
        modalities=st.sampled_from([("TEXT", "IMAGE"), ("IMAGE",), ("TEXT",)]),
        image=st.just(ImageSettings()) | image_settings(),
        sampling=st.just(Sampling()) | sampling(),
        thinking=maybe(
            st.builds(
                Thinking,
                include_thoughts=maybe(st.booleans()),
                budget=maybe(st.integers(-1, 999)),
                level=maybe(st.sampled_from(["LOW", "HIGH"])),
            )
        ),
        safety=st.lists(
            st.builds(SafetySetting, category=WORDS, threshold=WORDS, method=maybe(WORDS)),
            max_size=2,
        ).map(tuple),
        cached_content=maybe(WORDS),
        user=maybe(WORDS),
        safety_identifier=maybe(WORDS),
        extras=extras("setting"),
    )


def image_settings() -> st.SearchStrategy[ImageSettings]:
    named: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "aspect_ratio": maybe(st.sampled_from(["1:1", "16:9", "1:8", "17:9"])),
            "tier": maybe(st.sampled_from(["512", "1K", "4K", "8K"])),
        }
    )
    sizes = st.builds(Size, width=st.integers(1, 9000), height=st.integers(1, 9000))
    exact = st.just(Size(width=1344, height=768)) | st.just(Size(width=1024, height=1024))
    pixels: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({"size": sizes | exact})
    return st.builds(
        lambda shape, **rest: ImageSettings(**shape, **rest),
        named | pixels,
        quality=maybe(st.sampled_from(["low", "high"])),
        background=maybe(st.sampled_from(["opaque", "transparent"])),
        format=maybe(st.sampled_from(["png", "jpeg", "webp"])),
        compression=maybe(st.integers(0, 99)),
        moderation=maybe(st.just("low")),
        input_fidelity=maybe(st.just("high")),
    )


def sampling() -> st.SearchStrategy[Sampling]:
    return st.builds(
        Sampling,
        temperature=maybe(SMALL),
        top_p=maybe(SMALL),
        top_k=maybe(st.integers(1, 99)),
        seed=maybe(st.integers(-(2**40), 2**40)),
        stop=st.lists(TEXT, max_size=2).map(tuple),
        max_tokens=maybe(COUNT),
        presence_penalty=maybe(SMALL),
        frequency_penalty=maybe(SMALL),
    )


def responses() -> st.SearchStrategy[ImageResponse]:
    candidate = st.builds(
        Candidate,
        parts=st.lists(parts("report"), max_size=4).map(tuple),
        finish=st.sampled_from(sorted(KNOWN - {"FINISH_REASON_UNSPECIFIED"})) | st.just("NEW_ONE"),
        finish_message=maybe(WORDS),
        extras=extras("report"),
    )
    known: dict[str, Any] = {
        "id": maybe(st.just("resp-1")),
        "created": maybe(st.integers(1, 2_000_000_000)),
        "model": maybe(st.just(hub.MODEL)),
        "usage": maybe(usages()),
        "image": st.just(ImageSettings()) | st.builds(ImageSettings, quality=maybe(WORDS)),
        "extras": extras("report"),
    }
    answered = st.builds(
        ImageResponse, candidates=st.lists(candidate, min_size=1, max_size=2).map(tuple), **known
    )
    blocked = st.builds(
        ImageResponse,
        block=st.builds(
            Block, reason=st.sampled_from(["SAFETY", "OTHER", "BLOCKLIST"]), message=maybe(WORDS)
        ),
        **known,
    )
    return answered | blocked


def usages() -> st.SearchStrategy[Usage]:
    details = st.lists(
        st.builds(
            ModalityCount,
            modality=st.sampled_from(["TEXT", "IMAGE", "AUDIO", "VIDEO"]),
            tokens=st.integers(1, 999),
        ),
        max_size=2,
        unique_by=lambda count: count.modality,
    ).map(lambda counts: tuple(sorted(counts, key=lambda count: _ORDER.index(count.modality))))
    return st.builds(
        Usage,
        prompt=COUNT,
        tool_use=COUNT,
        cached=COUNT,
        candidates=COUNT,
        thoughts=COUNT,
        total=COUNT,
        prompt_details=details,
        cached_details=details,
        tool_use_details=details,
        candidates_details=details,
        extras=extras("report"),
    )


_ORDER = ["TEXT", "IMAGE", "AUDIO", "VIDEO"]
