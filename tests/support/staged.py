"""The recipe's proxy on a port, for libraries whose transports need one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import msgspec
import uvicorn

#: The npm packages are beside the script: `npm install --prefix tests/frameworks ...`.
SCRIPT = Path(__file__).parents[1] / "frameworks" / "ai_sdk.mjs"
MODULES = SCRIPT.with_name("node_modules")


@attrs.frozen
class Sent:
    """What a library sent."""

    path: str
    content_type: str
    body: bytes


@attrs.define
class Stage:
    """The app that answers at `base`, and what arrived there."""

    app: Any = None
    base: str = ""
    sent: list[Sent] = attrs.field(factory=list)
    _node: subprocess.Popen[str] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI app in front of the other, which reads the whole body first."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode()
        headers = dict(scope["headers"])
        content_type = headers.get(b"content-type", b"").decode()
        self.sent.append(Sent(scope["path"] + ("?" + query if query else ""), content_type, body))
        whole = iter([{"type": "http.request", "body": body}])

        async def again() -> Any:
            return next(whole, None) or await receive()

        await self.app(scope, again, send)

    def run_node(self, ask: str, model: str, picture: str) -> Any:
        """What the script shows of a reply; it runs until the stage is left."""
        if self._node is None:
            command = [str(shutil.which("node")), str(SCRIPT)]
            pipe = subprocess.PIPE
            self._node = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603
        told = {"ask": ask, "base": self.base, "model": model, "picture": picture}
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(msgspec.json.encode(told).decode() + "\n")
        self._node.stdin.flush()
        return msgspec.json.decode(self._node.stdout.readline())

    def close(self) -> None:
        if self._node is not None:
            self._node.communicate()


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage, served until it is left."""
    stage = Stage()
    server = uvicorn.Server(uvicorn.Config(stage, lifespan="off", log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stage.base = "http://{}:{}".format(*listening.getsockname())
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield stage
        finally:
            stage.close()
            server.should_exit = True
            thread.join()
