"""The options of a translation; what they do not cover is fixed by the rules."""

from __future__ import annotations

from typing import Any, Literal

import attrs
from attrs.validators import in_, instance_of, optional

from imagewire.patterns import pattern

_BOUNDARY = pattern(r"[A-Za-z0-9'_-]{1,70}")


def _boundary(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None and not _BOUNDARY.fullmatch(value):
        msg = f"boundary must match [A-Za-z0-9'_-]{{1,70}}, not {value!r}"
        raise ValueError(msg)


def _choice(*values: str) -> Any:
    return attrs.field(default=values[0], validator=in_(values))


def _switch(*, default: bool = False) -> Any:
    return attrs.field(default=default, validator=instance_of(bool))


@attrs.frozen(kw_only=True, repr=False)
class Options:
    """One instance for requests and replies alike; a bad value raises `ValueError` or `TypeError`.

    - ``history``: which chat messages are translated into another format, the last user message
      or all.
    - ``model_ids``: spelling of the model towards chat and images; ``as_given`` is the client's.
    - ``chat_images``: where a chat reply carries its images: content parts, ``message.images`` or
      markdown.
    - ``chat_extensions``: whether keys outside OpenAI's schema are written on the chat face.
    - ``read_markdown``: whether markdown images in the texts of chat and Gemini, and texts that are
      nothing but a data URI, are read as images, in streams too.
    - ``keep_drafts``: whether draft images and thought text are kept on the chat face.
    - ``stream``: what becomes of a client's wish for a stream: an error, the whole reply as events,
      or events as they come, from an upstream that is asked for a stream where it can.
    - ``responses_model``: the mainline model of a Responses request, which calls the image tool.
    - ``unknown_fields``: whether fields that this library does not know go back into their own
      format; what is dropped is reported.
    - ``references``: whether a request may name what an upstream holds under its own key: files
      in Google's storage or its Files API, cached contents, ids of uploaded files.
    - ``images_text``: what becomes of text on the Images face.
    - ``remote_urls``: what becomes of a remote image URL towards Gemini.
    - ``vertex``: the Vertex form of the path, and Vertex-only fields.
    - ``edit_body``: the body of an Images edit; auto is multipart unless a URL or file id travels.
    - ``boundary``: the multipart boundary; by default it is derived from the content.
    """

    history: Literal["last_user", "all"] = _choice("last_user", "all")
    model_ids: Literal["as_given", "bare", "prefixed"] = _choice("as_given", "bare", "prefixed")
    chat_images: Literal["parts", "message", "markdown"] = _choice("parts", "message", "markdown")
    chat_extensions: bool = _switch(default=True)
    read_markdown: bool = _switch()
    keep_drafts: bool = _switch()
    stream: Literal["refuse", "whole", "live"] = _choice("refuse", "whole", "live")
    responses_model: str | None = attrs.field(default=None, validator=optional(instance_of(str)))
    unknown_fields: Literal["pass", "drop"] = _choice("pass", "drop")
    references: Literal["pass", "refuse"] = _choice("pass", "refuse")
    images_text: Literal["drop", "revised_prompt"] = _choice("drop", "revised_prompt")
    remote_urls: Literal["refuse", "file_uri"] = _choice("refuse", "file_uri")
    vertex: bool = _switch()
    edit_body: Literal["auto", "json", "multipart"] = _choice("auto", "json", "multipart")
    boundary: str | None = attrs.field(default=None, validator=_boundary)

    def __repr__(self) -> str:
        """Show what is not at its default, so that a signature with options stays short."""
        given = attrs.asdict(self, filter=lambda field, value: value != field.default)
        return f"Options({', '.join(f'{name}={value!r}' for name, value in given.items())})"


#: The defaults, built once.
DEFAULTS = Options()
