"""What a format is: a module with these verbs."""

from __future__ import annotations

from typing import Literal, Protocol

from imagewire.catalog import CATALOG, Catalog
from imagewire.loss import Outcome
from imagewire.messages import JSON_TYPE, Body, Headers, WireRequest, WireResponse
from imagewire.model import Failure, ImageRequest, ImageResponse, ReplyContext
from imagewire.options import DEFAULTS, Options

#: Which of its turns a format's requests mean: the last user turn alone, or the conversation.
Prompt = Literal["last_user", "conversation"]


class Format(Protocol):
    """A wire format. Readers raise `TranslationError` and nothing else, for any body."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """The format's name in `imagewire.FORMATS`."""
        ...

    @property
    def PROMPT(self) -> Prompt:  # noqa: N802 - a module's constant
        """Which of its turns the format's requests mean."""
        ...

    def read_request(
        self,
        body: Body,
        *,
        model: str | None = None,
        content_type: str = JSON_TYPE,
        options: Options = DEFAULTS,
    ) -> Outcome[ImageRequest]:
        """The request of a body; ``model`` is the one that the path names."""
        ...

    def write_request(
        self, request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
    ) -> Outcome[WireRequest]:
        """The wire request: path, headers, body, and how often to send it."""
        ...

    def read_response(self, body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
        """The response of a successful reply's body; what is wrong with it is the upstream's."""
        ...

    def write_response(
        self,
        response: ImageResponse,
        *,
        context: ReplyContext = ...,
        created: int | None = None,
        response_id: str | None = None,
        options: Options = DEFAULTS,
        catalog: Catalog = CATALOG,
    ) -> Outcome[WireResponse]:
        """The reply: status, headers, body. ``created`` is in seconds since 1970."""
        ...

    def read_failure(self, body: Body, *, status: int, headers: Headers = ...) -> Failure:
        """The failure of an error reply, JSON or not."""
        ...

    def write_failure(self, failure: Failure) -> WireResponse:
        """The error reply of a failure."""
        ...

    def read_model(self, body: Body, *, content_type: str = JSON_TYPE) -> str | None:
        """The model that a body names, without reading the rest of it."""
        ...
