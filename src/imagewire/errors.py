"""Every exception that input can cause: one base class, with a path, a status and a `Failure`.

A message speaks of the request in its client's own terms, because a proxy shows it to its users;
advice for the programmer who embeds this library is an exception note. It quotes excerpts only, and
a cause whose repr would show the body is left out.

Wrong arguments of the caller (an unknown format name, a bad option) are `ValueError` or
`TypeError`; everything that a body, a path or a header can cause derives from `TranslationError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from imagewire.loss import Loss
from imagewire.model import Extra, Failure, FailureKind
from imagewire.paths import Path, text
from imagewire.redaction import clean, excerpt

NOT_JSON = "body must be valid JSON"  # the product page's words
MALFORMED_REPLY = "the upstream's reply is malformed: "


class TranslationError(Exception):
    """A body, path or header that cannot be translated.

    ``path`` leads to the cause in the source document (``$.messages[0].content``), ``param`` is
    that path without ``$.`` (None for the whole document), ``status`` the HTTP status of the
    answer: 400 for the client's fault, 502 for an upstream's.
    """

    kind = FailureKind.INVALID_REQUEST
    status = 400
    code: str | None = None
    openai_message: str | None = None  #: what the OpenAI faces say instead of the message
    _fit = staticmethod(excerpt)  # a message may quote what stood in a body

    def __init__(self, message: str, *, path: str | Path = "$") -> None:
        self.message = self._fit(message)
        super().__init__(self.message)
        self.path = text(path)

    def __str__(self) -> str:
        return self.message if self.path == "$" else f"{self.message} - at `{self.path}`"

    def noted(self, note: str) -> Self:
        """The same error with a note for the programmer.

        A frame that keeps an error in a variable and raises it is kept by it, with all its values.
        """
        self.add_note(note)
        return self

    @property
    def param(self) -> str | None:
        """The path as an API's ``param``."""
        return self.path.removeprefix("$").removeprefix(".") or None

    @property
    def failure(self) -> Failure:
        """The same as a value, ready for any format's ``write_failure``."""
        return Failure(
            kind=self.kind if self.status < 500 else FailureKind.INTERNAL,
            message=self.message if self.status < 500 else str(self),
            status=self.status,
            param=self.param if self.status < 500 else None,
            code=self.code,
            details=self._details(),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle and copy: what an error became, not the arguments that it was made of."""
        return _rebuilt, (type(self), self.args, self.__dict__)

    def _details(self) -> tuple[Extra, ...]:
        if self.openai_message is None:
            return ()
        return (Extra(format="openai", path=("message",), value=self.openai_message),)

    def blame_upstream(self) -> None:
        """Turn the client's fault into the upstream's: the document at fault was a reply."""
        if self.status == 502:
            return
        self.status = 502
        if self.message == NOT_JSON:
            self.message = "the upstream's reply is not valid JSON"
        else:
            self.message = MALFORMED_REPLY + self.message


def _rebuilt(
    kind: type[TranslationError], args: tuple[Any, ...], fields: dict[str, Any]
) -> TranslationError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error


class MalformedError(TranslationError):
    """Not JSON, a wrong type, a missing field, contradicting spellings, or bad base64."""


class UnsupportedError(TranslationError):
    """Something that no image model offers, or that the target cannot be asked for."""


class InvalidModelError(TranslationError):
    """A model that the target does not serve, an id that cannot be one, or none; the message says.

    For every reason the OpenAI faces say the same: the product page's words.
    """

    code = "invalid_model"
    openai_message = "Invalid value for 'model'"


class InexpressibleError(TranslationError):
    """The target has no way to say it, and leaving it out would ask for something else.

    ``urls`` are the remote images that the caller has to fetch first.
    """

    def __init__(self, message: str, *, path: str | Path = "$", urls: Sequence[str] = ()) -> None:
        super().__init__(message, path=path)
        self.urls = tuple(urls)


class LossyError(TranslationError):
    """A result that had to be lossless was not; ``losses`` are the ones that mattered."""

    _fit = staticmethod(clean)  # of many sentences

    def __init__(self, losses: Sequence[Loss]) -> None:
        super().__init__("; ".join(map(str, losses)), path=losses[0].path)
        self.losses = tuple(losses)


class CredentialError(TranslationError):
    """Two credentials in one call that differ."""

    kind = FailureKind.AUTHENTICATION
    status = 401
