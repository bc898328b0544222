"""Libraries above the official SDKs ask the recipe's proxy: what they send, show and raise."""

# Where one shows less than is there, its asks say so, and README's table which option it needs.

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs
import msgspec
import pytest

import recorded
from asks import Ask, FailedError, Outcome
from cases import GEMINI_MODEL
from cases import sample as body_of
from image_sdks import WEBP
from libraries import LIBRARIES, Library
from proxied import MODELS, OPTIONS, Answer, Clients, Seen, Upstream, of_uri, sample
from recording import record
from sdks import PNG
from staged import Stage, staged
from streamed import BROKEN, STREAMS, USAGE, streaming

pytestmark = pytest.mark.frameworks

ASKS = [(library, name) for library, found in LIBRARIES.items() for name in found.asks]
STREAMING = [(library, name) for library, name in ASKS if LIBRARIES[library].asks[name].streams]

#: Whole replies of each upstream, and their pictures, words and counts.
WHOLE: list[tuple[str, Answer, Seen]] = [
    (
        "chat", sample("chat_response_openrouter_images"),
        Seen([PNG], "Here is your otter.", None, (12, 1290, 1302)),
    ),
    (
        "gemini", sample("gemini_response_ok_seed"),
        Seen([PNG], "Here is your otter wearing a top hat!", None, (12, 1290, 1302)),
    ),
    (
        "images", sample("images_response_gpt_image_full"),
        Seen([WEBP, WEBP], None, None, (14, 2112, 2126)),
    ),
    ("images", sample("images_response_seed_minimal"), Seen([PNG], None, None, None)),
    (
        "responses", sample("responses_response_whole"),
        Seen([PNG], "Here it is.", None, (5, 7, 12)),
    ),
]  # fmt: skip
DRAFTS = {"chat": 0, "gemini": 1, "images": 1, "responses": 1}
MARKDOWN = re.compile(r"!\[image\]\((.*?)\)")

#: An upstream's error, and its status.
ERRORS = {
    "google_error_400_field_violation": ("gemini", 400),
    "google_error_429_quota_retryinfo": ("gemini", 429),
    "google_error_503_unavailable": ("gemini", 503),
    "openai_error_400_unknown_parameter": ("chat", 400),
    "openai_error_429_rate_limit": ("chat", 429),
    "openai_error_500_server_error": ("chat", 500),
}


asks = pytest.mark.parametrize(("library", "name"), ASKS, indirect=["library"])
streaming_asks = pytest.mark.parametrize(("library", "name"), STREAMING, indirect=["library"])

#: How a library says on a face that a picture was refused: its word for the end, or a status.
#: Not the AI SDK of Responses, whose schema has no call without a result.
REFUSED: dict[tuple[str, str], str | int] = {
    ("ai_sdk", "chat"): "content-filter",
    ("ai_sdk", "gemini"): "content-filter",
    ("ai_sdk", "images"): 400,
    ("langchain", "chat"): "content_filter",
    ("langchain", "gemini"): "IMAGE_SAFETY",
    ("langchain", "responses"): "completed",
    ("litellm", "chat"): "content_filter",
    ("litellm", "gemini"): "content_filter",
    ("litellm", "images"): 400,
    ("litellm", "responses"): "completed",
}
REFUSING = [
    # Functions that return pictures alone return none.
    (library, name, REFUSED[library, ask.face] if ask.finish or ask.face == "images" else None)
    for library, found in LIBRARIES.items()
    for name, ask in found.asks.items()
    if (library, ask.face) in REFUSED
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as found:
        yield found


@pytest.fixture
def library(request: pytest.FixtureRequest) -> Library:
    """The library of that name, if it is installed."""
    found = LIBRARIES[request.param]
    if found.missing:
        pytest.skip(found.missing)
    return found


@pytest.fixture
def ask(library: Library, name: str) -> Ask:
    return library.asks[name]


def shown(stage: Stage, ask: Ask, upstream: str, answer: Answer, images: str = "parts") -> Seen:
    where: Any = images
    options = attrs.evolve(OPTIONS, chat_images=where)
    stage.app = Clients(Upstream(answer), upstream, options=options).app
    return ask(stage, MODELS[upstream])


def replies(ask: Ask) -> Iterator[tuple[str, str, Answer, Seen]]:
    """What upstreams may answer, and what is in it."""
    for upstream, answer, seen in WHOLE:
        if MODELS[upstream] == GEMINI_MODEL or not ask.gemini_alone:
            yield f"{upstream}, whole", upstream, answer, seen
    for upstream, body in STREAMS.items() if ask.streams else ():
        words = None if upstream == "images" else "Here it is."
        drafts = DRAFTS[upstream] if ask.drafts else 0
        seen = Seen([PNG] * (1 + drafts), words, None, USAGE)
        yield f"{upstream}, streamed", upstream, streaming(body), seen


def as_shown(ask: Ask, outcome: Outcome, seen: Seen) -> Seen:
    """What an ask can show of a reply."""
    return Seen(
        seen.pictures if outcome != "words" else [],
        None if ask.finish is None else seen.text,
        ask.finish,
        seen.usage if ask.counts else None,
    )


def with_markdown_read(seen: Seen) -> Seen:
    text = seen.text or ""
    pictures = [of_uri(url) for url in MARKDOWN.findall(text)]
    return attrs.evolve(seen, pictures=pictures, text=MARKDOWN.sub("", text).strip() or None)


@asks
def test_a_library_shows_what_the_upstream_sent(stage: Stage, ask: Ask) -> None:
    for images, outcome in ask.shows.items():
        for case, upstream, answer, seen in replies(ask):
            counts = "counts" if seen.usage else "no counts"
            if "raises" == outcome or counts == ask.raises_on:
                with pytest.raises(FailedError):
                    shown(stage, ask, upstream, answer, images)
                continue
            found = shown(stage, ask, upstream, answer, images)
            if outcome == "markdown":
                found = with_markdown_read(found)
            if not ask.counts or seen.usage is None:  # some count by themselves
                found = attrs.evolve(found, usage=None)

            assert as_shown(ask, outcome, seen) == found, (images, case)


@asks
def test_a_library_raises_what_the_upstream_said(stage: Stage, ask: Ask) -> None:
    for error, (upstream, status) in ERRORS.items():
        with pytest.raises(FailedError) as caught:
            shown(stage, ask, upstream, sample(error))

        message = msgspec.json.decode(body_of(error))["error"]["message"]
        assert unquoted(message) in unquoted(caught.value.message)
        # LiteLLM calls each 5xx of Gemini's 500.
        assert min(status, 500) == min(caught.value.status or 0, 500), error


@pytest.mark.parametrize(("library", "name", "outcome"), REFUSING, indirect=["library"])
def test_a_library_shows_that_a_picture_was_refused(
    stage: Stage, ask: Ask, outcome: str | int | None
) -> None:
    try:
        found = shown(stage, ask, "gemini", sample("gemini_response_image_safety"))
    except FailedError as error:
        assert outcome == error.status
    else:
        assert ([], outcome) == (found.pictures, found.finish)


def unquoted(message: str) -> str:
    """A message, maybe in a JSON body that is in a message."""
    return message.replace("\\", "").replace('"', "")


@streaming_asks
def test_a_library_raises_what_breaks_a_stream(stage: Stage, ask: Ask) -> None:
    for upstream, body in BROKEN.items():
        with pytest.raises(FailedError) as caught:
            shown(stage, ask, upstream, streaming(body))

        assert "overloaded" in caught.value.message, upstream


@pytest.mark.parametrize(
    ("library", "name"), [(name, name) for name in LIBRARIES], indirect=["library"]
)
def test_a_library_sends_what_was_recorded(
    stage: Stage, library: Library, name: str, pytestconfig: pytest.Config
) -> None:
    sent = record(stage, library)
    if pytestconfig.getoption("record"):
        recorded.write(name, sent)

    assert recorded.read(name).requests == sent.requests
