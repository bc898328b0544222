"""What a translation gives: a request or a reply to send, its losses, its failure."""

from __future__ import annotations

from typing import Self

import attrs

from imagewire.errors import LossyError
from imagewire.loss import SETTING, Loss, LossLevel
from imagewire.message import Body, Headers, Payload
from imagewire.model import Failure, ReplyContext
from imagewire.redaction import discreet


@attrs.frozen(kw_only=True, field_transformer=discreet)
class _Result:
    losses: tuple[Loss, ...] = ()

    def require_lossless(self, level: LossLevel | str = SETTING) -> Self:
        """Return self, or raise `LossyError` if a loss of this level or above was reported."""
        limit = LossLevel(level).rank
        found = [loss for loss in self.losses if loss.level.rank <= limit]
        if found:
            raise LossyError(found)
        return self


@attrs.frozen(kw_only=True, field_transformer=discreet)
class TranslatedRequest(_Result):
    """A request ready to send, ``repeat`` times, and what its reply will need (``context``)."""

    method: str
    path: str
    headers: dict[str, str]
    body: Payload
    model: str
    target: str
    repeat: int
    context: ReplyContext


@attrs.frozen(kw_only=True, field_transformer=discreet)
class TranslatedResponse(_Result):
    """A reply ready to send; ``failure`` says what went wrong, if something did."""

    status: int
    headers: dict[str, str]
    body: Payload
    failure: Failure | None = None


@attrs.frozen
class Reply:
    """An upstream's reply to one of several calls."""

    body: Body = attrs.field(repr=False)
    status: int = 200
    headers: Headers = attrs.field(factory=dict, repr=False)
