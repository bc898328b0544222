"""What a translation gives: a request or a reply to send, its losses, its failure."""

from __future__ import annotations

from typing import Self

import msgspec

from imagewire.errors import LossyError
from imagewire.loss import SETTING, Loss, LossLevel
from imagewire.messages import Body, Headers, Message, Payload
from imagewire.model import Failure, ReplyContext


class _Result(Message, frozen=True, kw_only=True):
    losses: tuple[Loss, ...] = ()

    def require_lossless(self, level: LossLevel | str = SETTING) -> Self:
        """Return self, or raise `LossyError` if a loss of this level or above was reported."""
        limit = LossLevel(level).rank
        found = [loss for loss in self.losses if loss.level.rank <= limit]
        if found:
            raise LossyError(found)
        return self


class TranslatedRequest(_Result, frozen=True, kw_only=True):
    """A request ready to send, ``repeat`` times, and what its reply will need (``context``)."""

    method: str
    path: str
    headers: dict[str, str]
    body: Payload
    model: str
    target: str
    repeat: int
    context: ReplyContext


class TranslatedResponse(_Result, frozen=True, kw_only=True):
    """A reply ready to send; ``failure`` says what went wrong, if something did."""

    status: int
    headers: dict[str, str]
    body: Payload
    failure: Failure | None = None


class Reply(msgspec.Struct, frozen=True):
    """An upstream's reply to one of several calls."""

    body: Body
    status: int = 200
    headers: Headers = {}

    def __repr__(self) -> str:
        return f"Reply(status={self.status})"
