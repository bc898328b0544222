"""Fields of requests that only a bookkeeper misses: all others are what the caller asked for.

Facts (2026-11-26): OpenAI's and Google's bookkeeping (their SDKs' request types), OpenRouter's
routing (``provider``, ``models``, ``route``, ``transforms``, ``usage``), and what LiteLLM, Open
WebUI and the like send along.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.model import Policy

#: Known bookkeeping of requests by name; other formats report it as that.
BOOKKEEPING: Mapping[str, Policy] = dict.fromkeys(
    (
        *("store", "metadata", "service_tier", "labels", "user", "safety_identifier"),
        *("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "cache_control"),
        *("prediction", "usage", "provider", "models", "route", "transforms", "session_id"),
        *("trace", "trace_id", "request_id", "chat_id", "user_id", "client_metadata", "tags"),
        *("timeout", "num_retries", "fallbacks", "cache", "caching", "drop_params"),
        *("include_reasoning", "litellm_*"),
    ),
    "report",
)
