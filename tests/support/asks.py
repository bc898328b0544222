"""What libraries above the official SDKs are asked to do, and what each can show of the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import attrs

from proxied import Seen
from staged import Stage

#: What a library makes of a reply with a picture: the picture, a text that holds it as markdown,
#: the reply's words alone, or an exception.
Outcome = Literal["picture", "markdown", "words", "raises"]
SHOWN: Mapping[str, Outcome] = {"parts": "picture"}


class FailedError(Exception):
    """What a library raised: the status that it saw, and its words."""

    def __init__(self, status: int | None, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message

    @classmethod
    def of(cls, error: Exception) -> FailedError:
        status = getattr(error, "status_code", None)
        told = error.__cause__ or error  # LangChain wraps google-genai's error
        return cls(getattr(told, "code", None) if status is None else status, str(error))


@attrs.frozen
class Ask:
    """A call of a library, of a model on a stage."""

    face: str
    _call: Callable[[Stage, str], Seen]
    #: What it calls the end of a whole reply.
    finish: str | None = None
    #: What it shows, by where a chat reply carries its images; other faces have one place.
    shows: Mapping[str, Outcome] = SHOWN
    streams: bool = False
    #: Whether it shows what the API counted.
    counts: bool = True
    #: What it raises on, wherever the images are.
    raises_on: Literal["counts", "no counts"] | None = None
    #: Whether it takes drafts for pictures.
    drafts: bool = False
    #: Whether it asks Gemini's models alone in this way, and other names elsewhere.
    gemini_alone: bool = False

    def __call__(self, stage: Stage, model: str) -> Seen:
        """What the library shows; raises a `FailedError` for all that it raises."""
        try:
            return self._call(stage, model)
        except FailedError:
            raise
        except Exception as error:
            raise FailedError.of(error) from error


def chat(
    call: Callable[[Stage, str], Seen],
    parts: Outcome,
    message: Outcome,
    markdown: Outcome = "markdown",
    *,
    streams: bool = False,
) -> Ask:
    """An ask of the chat face."""
    shows: dict[str, Outcome] = {"parts": parts, "message": message, "markdown": markdown}
    return Ask("chat", call, "stop", shows, streams)
