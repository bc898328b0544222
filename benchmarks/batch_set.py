"""Write a set of lines to stdout, as many as wanted, in constant memory.

    python benchmarks/batch_set.py small 1000000 > small.jsonl
    python benchmarks/batch_set.py image 2000 > image.jsonl

``small`` are requests in OpenAI Batch, of a few hundred bytes; ``image`` are results of Gemini
Batch, each with one image, 2 MiB as it stands in the line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice

from payloads import Shape, body_of

MIB = 1 << 20


def small() -> Iterator[bytes]:
    """Requests in OpenAI Batch, each with an id of its own."""
    body = body_of("request", "chat", Shape("small", 300)).data
    number = 0
    while True:
        number += 1
        head = b'{"custom_id":"request-%d","method":"POST","url":"/v1/chat/completions","body":'
        yield head % number + body + b"}\n"


def image() -> Iterator[bytes]:
    """Results of Gemini Batch, each with the same image of 2 MiB."""
    body = body_of("response", "gemini", Shape("image", 2 * MIB, 1)).data
    number = 0
    while True:
        number += 1
        yield b'{"key":"request-%d","response":' % number + body + b"}\n"


SETS = {"small": small, "image": image}


def main() -> None:
    """Write the set that the command line asks for."""
    name, count = sys.argv[1:]
    for line in islice(SETS[name](), int(count)):
        sys.stdout.buffer.write(line)


if __name__ == "__main__":
    main()
