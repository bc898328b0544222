"""Write a set of lines to stdout, as many as wanted, in constant memory.

    python benchmarks/batch_set.py small 1000000 > small.jsonl
    python benchmarks/batch_set.py image 2000 > image.jsonl

``small`` are requests in OpenAI Batch, of a few hundred bytes, as they are sent for many
pictures: each with an id and words of its own, a few kinds of settings. In ``seeds`` each has a
seed of its own as well: no two of them differ in their words alone. ``image`` are results of Gemini
Batch, each with one image, 2 MiB as it stands in the line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import count, islice
from random import Random
from typing import Any

from payloads import GEMINI_MODEL, Said, Shape, body_of

MIB = 1 << 20
_PHRASES = (
    *("a small red fox", "an old oak by the river", "a girl with a paper kite", "three white owls"),
    *("in watercolours", "as a woodcut", "from far above", "at the first light of a cold morning"),
    *(
        "keep it calm",
        "with soft shadows",
        "no people",
        "mist over the fields",
        "warm colours only",
    ),
    *('the title "North" in small letters', "un café près de la gare", "黄昏的海边小镇"),
)
_BREAK = "\n"
_IMAGE = Shape("image", 2 * MIB, 1)
_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"modalities": ["image", "text"]},
    {"temperature": 0.7},
    {"image_config": {"aspect_ratio": "16:9"}},
)


def prompt(number: int) -> str:
    """What the request with a number asks for: 2 to 30 phrases, now and then in two lines."""
    random = Random(number)  # noqa: S311 - no secret
    said = random.choices(_PHRASES, k=random.randint(2, 30))
    return f"{number}: {', '.join(said)}.{_BREAK if random.random() < 0.2 else ' '}{said[0]}"


def _small(seed: int | None = None) -> Iterator[bytes]:
    for number in count(1):
        body = {
            "model": GEMINI_MODEL,
            "messages": [{"role": "user", "content": prompt(number)}],
            **_SETTINGS[number % len(_SETTINGS)],
        }
        if seed is not None:
            body["seed"] = seed + number
        line = {
            "custom_id": f"request-{number}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": body,
        }
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def small() -> Iterator[bytes]:
    """Requests in OpenAI Batch, each with an id and words of its own."""
    return _small()


def seeds() -> Iterator[bytes]:
    """The same, each with a seed of its own."""
    return _small(seed=1)


def image() -> Iterator[bytes]:
    """Results of Gemini Batch, each with the same image of 2 MiB."""
    body = body_of("response", "gemini", _IMAGE).data
    for number in count(1):
        yield b'{"key":"request-%d","response":' % number + body + b"}\n"


def _asked(number: int) -> Said:
    return Said((prompt(number),), ())


def _answered(_: int) -> Said:
    return body_of("response", "gemini", _IMAGE).said or Said((), ())


SETS = {"small": small, "seeds": seeds, "image": image}
#: What the line with a number says.
SAID = {"small": _asked, "seeds": _asked, "image": _answered}


def main() -> None:
    """Write the set that the command line asks for."""
    name, count = sys.argv[1:]
    for line in islice(SETS[name](), int(count)):
        sys.stdout.buffer.write(line)


if __name__ == "__main__":
    main()
