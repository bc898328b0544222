"""Bodies of a format that is not known: no two formats share what their bodies require."""

from __future__ import annotations

from imagewire.errors import MALFORMED_REPLY, MalformedError, TranslationError
from imagewire.formats import FORMATS
from imagewire.loss import Outcome
from imagewire.messages import JSON_TYPE, Body, Reply
from imagewire.model import Failure, ImageRequest, ImageResponse
from imagewire.options import DEFAULTS, Options
from imagewire.translate.reply import read_reply

_MISSING = "Object missing required field"


def recognised_request(
    body: Body, *, content_type: str = JSON_TYPE, options: Options = DEFAULTS
) -> Outcome[ImageRequest]:
    """The request of a body of any format; raises `TranslationError`.

    A format whose first field is not there is another one; other faults are told, unless the
    body is one of a later format: Images requires no field, and has names of Responses.
    """
    problem: TranslationError | None = None
    for format_ in FORMATS.values():
        try:
            found = format_.read_request(body, content_type=content_type, options=options)
        except TranslationError as error:
            if not error.message.startswith(_MISSING) or error.path.count(".") != 1:
                problem = error
            continue
        if any(turn.parts for turn in found.value.turns):
            return found
    try:
        msg = "not a request in any format: it has neither words nor images"
        raise problem or MalformedError(msg)
    finally:
        del problem  # this frame would keep it, and with it the body


def recognised_reply(
    reply: Reply, *, options: Options = DEFAULTS
) -> Outcome[ImageResponse] | Outcome[Failure]:
    """The response of a reply of any format, or the failure that it tells of.

    Raises `MalformedError` for what no format reads, with the reason of each.
    """
    reasons: dict[str, None] = {}
    for format_ in FORMATS.values():
        try:
            return read_reply(reply, format_, options)
        except TranslationError as error:
            reasons[f"{error.message.removeprefix(MALFORMED_REPLY)} (at {error.path})"] = None
    raise MalformedError(f"not a response in any format: {'; '.join(reasons)}")
