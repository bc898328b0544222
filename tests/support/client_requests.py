"""What servers in front of us send, whatever their users ask for, written after their sources.

LiteLLM's proxy and Open WebUI (2026-11-26), which add bookkeeping of their own. What libraries send
is recorded: `recorded.py`.
"""

from __future__ import annotations

from cases import GEMINI_MODEL
from recorded import Request

_ASKED = {"model": GEMINI_MODEL, "messages": [{"role": "user", "content": "a fox"}]}
_BOOKKEEPING = {
    "litellm-proxy": {
        "metadata": {"user_api_key": "hashed"},
        "litellm_trace_id": "t-1",
        "drop_params": True,
        "num_retries": 2,
        "timeout": 600,
        "cache": {"no-cache": True},
        "fallbacks": ["m"],
        "tags": ["a"],
    },
    "open-webui": {
        "stream": False,
        "chat_id": "c-1",
        "session_id": "s-1",
        "user_id": "u-1",
        "client_metadata": {"v": 1},
    },
}

REQUESTS = {
    name: Request("/v1/chat/completions", "application/json", _ASKED | more)
    for name, more in _BOOKKEEPING.items()
}
