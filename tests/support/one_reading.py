"""The law that what `read_model` and `remote_images` tell, and what is sent, is read once."""

from __future__ import annotations

import email
import email.policy
import json
from functools import partial
from typing import Any

import imagewire
from bypass import assert_bypass_is_unseen
from imagewire.catalog import bare_model
from odd_requests import FORM_TYPE, THOUGHT, OddRequest


def assert_one_reading(odd: OddRequest, target: str, options: imagewire.Options) -> Any:
    """Hold that what a proxy is told of a request is what is sent; what the translation gives."""
    body, endpoint, kind = odd
    about: dict[str, Any] = {"source": endpoint, "content_type": kind}
    told = assert_bypass_is_unseen(partial(imagewire.read_model, body, **about))
    about.update(target=target, options=options)
    urls = assert_bypass_is_unseen(partial(imagewire.remote_images, body, **about))
    sent = assert_bypass_is_unseen(partial(imagewire.translate_request, body, **about))
    if isinstance(sent, imagewire.TranslationError):
        named = getattr(sent, "urls", ())
        assert named in {(), urls}, (named, urls)
        return sent
    assert () == urls, urls
    if told is None:  # the Images API has a default, and Responses another model that chooses
        assert (True, "") == (sent.target in {"images", "responses"}, sent.model)
        return sent
    models = {bare_model(model) for model in (told, sent.context.model or told, sent.model)}
    models |= {bare_model(model) for model in _models_in(sent)}
    assert 1 == len(models), models
    return sent


def _models_in(sent: imagewire.TranslatedRequest) -> list[str]:
    """Each model that the standard library finds in what is sent."""
    body, kind = bytes(sent.body), sent.headers["content-type"]
    if not kind.startswith(FORM_TYPE):
        pairs = json.loads(body, object_pairs_hook=list)
        tools = [value for key, value in pairs if key == "tools"]
        if tools:  # the tool's model draws
            return [value for tool in tools[-1] for key, value in tool if key == "model"]
        models = [value for key, value in pairs if key == "model"]
        return models or [sent.path.rpartition("/")[2].partition(":")[0]]
    raw = f"content-type: {kind}\r\n\r\n".encode() + body
    parts = email.message_from_bytes(raw, policy=email.policy.HTTP).iter_parts()
    named = [
        part for part in parts if part.get_param("name", header="content-disposition") == "model"
    ]
    raws: list[Any] = [part.get_payload(decode=True) for part in named]
    return [raw.decode() for raw in raws]  # RFC 7578, 5.1.2: not ASCII, which is mail's default


def thoughts_in(sent: imagewire.TranslatedRequest) -> list[str]:
    """The texts of what is sent that were thoughts in the request, and are none any more."""
    read = imagewire.FORMATS[sent.target].read_request(
        bytes(sent.body), model=sent.model or None, content_type=sent.headers["content-type"]
    )
    parts = (part for turn in read.value.turns for part in turn.parts if not part.thought)
    return [text for part in parts if THOUGHT in (text := part.text or "")]
