"""Ids of what has none: OpenAI's APIs require one, and it is never random."""

from __future__ import annotations

from imagewire.digest import new_digest
from imagewire.model import ImageResponse
from imagewire.placeholder import EDGE, LENGTH

_PADDING = 2  # letters that base64 may lack
_CUT = 2 * EDGE + LENGTH - _PADDING  # letters of a payload without its middle, at the least


def made_up_id(response: ImageResponse, prefix: str) -> str:
    """An id for a reply that has none, derived from what it says."""
    said = ""
    for candidate in response.candidates:
        for part in candidate.parts:
            if part.text is not None:
                said += "t" + (part.text if len(part.text) <= 2 * EDGE else _ends(part.text))
            elif part.image is not None:
                said += "i" + _ends(part.image.data or part.image.url or "")
    usage = response.usage
    if usage is not None:
        said += f"u{usage.prompt},{usage.candidates},{usage.total}"
    return _digest_id(said, prefix)


def made_up_item_id(said: str, prefix: str) -> str:
    """An id for a text or a picture that has none, derived from its ends.

    Of equal ones in one document, the later ones have more after it.
    """
    return _digest_id(_ends(said), prefix)


def is_made_up(id_: str | None, said: str, prefix: str) -> bool:
    """Whether that is an id which was made up for a text or a picture."""
    return id_ is not None and id_.startswith(made_up_item_id(said, prefix))


def _digest_id(said: str, prefix: str) -> str:
    digest = new_digest(12)
    digest.update(said.encode("utf-8", "replace"))
    return f"{prefix}{digest.hexdigest()}"


def _ends(text: str) -> str:
    """What a payload has while its middle is cut out, too: without its padding a little less."""
    is_bare = len(text) >= _CUT and (len(text) % 4 > 0 or "\n" in text)
    return text[:EDGE] + text[_PADDING - EDGE if is_bare else -EDGE :]
