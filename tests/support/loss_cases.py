"""A translation for each code of a loss, with the sentence that a person reads."""

from __future__ import annotations

import hub
from events import sent
from loss_case import (
    DRAFT,
    FOX,
    GEMINI,
    HM,
    OTTER,
    PNG,
    URI,
    VIDEO,
    C,
    answer,
    asks,
    chat,
    contents,
    data,
    picture,
    tells,
    text,
)

REMOTE = {"fileData": {"fileUri": "gs://foxes/1.png", "mimeType": "image/webp"}}
FOX_AS_FORM = {"prompt": "a fox", "image": URI}

CASES = [
    asks(
        C.EARLIER_TURN, "only the last user message is the prompt", {"messages": [FOX, OTTER, FOX]}
    ),
    asks(
        C.EARLIER_IMAGE,
        "an image of an earlier turn, <image/png, 0.0 MB>",
        {"messages": [*chat(picture())["messages"], FOX]},
    ),
    asks(
        C.SYSTEM_MESSAGE,
        "a system message: the Images API has none",
        {"messages": [{"role": "system", "content": "paint"}, FOX]},
        target="images",
    ),
    asks(
        C.FOREIGN_PART,
        "a `tool_calls` part of chat: the target has no such part",
        {"messages": [{**OTTER, "tool_calls": [{"id": "1"}]}, FOX]},
        history="all",
    ),
    tells(C.DRAFT_IMAGE, "1 draft image(s) left out", answer(DRAFT, PNG)),
    asks(
        C.THOUGHT_PART,
        "a thought: OpenAI's schema has no field that marks it as one",
        {"contents": [{"role": "model", "parts": [HM]}, {"parts": [{"text": "a fox"}]}]},
        source="gemini",
        target="chat",
        chat_extensions=False,
    ),
    asks(
        C.THOUGHT_IN_PROMPT,
        "a thought among the client's words: no part of a prompt",
        contents({"text": "a fox"}, HM),
        source="gemini",
        target="chat",
    ),
    asks(
        C.THOUGHT_SIGNATURE,
        "the thought signature: a prompt has no field for it",
        contents({"text": "a fox", "thoughtSignature": "AAAA"}),
        source="gemini",
        target="images",
    ),
    tells(
        C.TEXT_BESIDE_IMAGE,
        "text beside the images: replies of the Images API have none",
        answer({"text": "a fox"}, PNG),
    ),
    tells(
        C.TEXT_BESIDE_ERROR,
        "text of the answer: the error message does not quote it",
        answer({"text": "a fox"}, finishReason="NO_IMAGE", finishMessage="no"),
    ),
    tells(
        C.MISSING_IMAGE,
        "finish reason MAX_TOKENS: the Images API has none",
        {"candidates": [*answer(PNG)["candidates"], {"finishReason": "MAX_TOKENS"}]},
    ),
    asks(
        C.PREVIOUS_IMAGE,
        "the last image of the model became the input image of the edit",
        {"contents": [{"role": "model", "parts": [PNG]}, {"parts": [{"text": "at night"}]}]},
        source="gemini",
        target="images",
    ),
    tells(C.DRAFT_AS_IMAGE, "only draft images came: the last one became the image", answer(DRAFT)),
    asks(
        C.JOINED_TEXTS,
        "2 texts became one prompt",
        chat(text("a fox"), text("at night")),
        target="images",
    ),
    asks(
        C.MOVED_TEXT,
        "text between the images is written after them",
        chat(picture(), text("and"), picture()),
        target="images",
    ),
    asks(
        C.NO_SUCH_SETTING,
        "temperature 0.5: the Images API has no such setting",
        chat("a fox", temperature=0.5),
        target="images",
    ),
    asks(
        C.MODEL_LACKS_SETTING,
        "input fidelity high: gpt-image-2 does not have this setting",
        chat(text("a fox"), picture(), input_fidelity="high"),
        target="images",
        model="gpt-image-2",
    ),
    asks(
        C.UNSUPPORTED_VALUE,
        "tier 2K without a valid ratio",
        chat("a fox", image_config={"aspect_ratio": "wide", "image_size": "2K"}),
        target="images",
    ),
    asks(
        C.EXTENSION_SETTING,
        "quality high is outside OpenAI's chat schema",
        {"prompt": "a fox", "quality": "high"},
        source="images",
        target="chat",
        chat_extensions=False,
    ),
    asks(
        C.IMAGE_DETAIL, "image detail low: Gemini has no such setting", chat(picture(detail="low"))
    ),
    asks(
        C.RESPONSE_FORMAT,
        "response_format url: Gemini's replies hold their images themselves",
        {"prompt": "a fox", "response_format": "url"},
        source="images",
    ),
    asks(
        C.NEAREST_SIZE,
        "size 1000x1000 became aspect ratio 1:1 at tier 1K",
        chat("a fox", size="1000x1000"),
    ),
    asks(
        C.NEAREST_QUALITY,
        "quality max became high, the nearest that gpt-image-2 has",
        chat("a fox", quality="max"),
        target="images",
        model="gpt-image-2",
    ),
    asks(
        C.UNLISTED_SIZE,
        f"aspect ratio 1:8: {GEMINI} is not known to make it",
        chat("a fox", image_config={"aspect_ratio": "1:8"}),
    ),
    asks(
        C.CONTRADICTING_SETTING,
        "size 1024x1024 contradicts the aspect ratio or the tier, which are used instead",
        chat("a fox", size="1024x1024", image_config={"aspect_ratio": "16:9"}),
    ),
    asks(
        C.REPEATED_SEED,
        "seed 7: 2 calls with the same seed may make the same image",
        chat("a fox", seed=7, n=2),
    ),
    asks(
        C.MISSING_SIGNATURE,
        "the model's own image without its thought signature: Gemini may refuse it",
        {"messages": [{"role": "assistant", "content": [picture()]}, FOX]},
        history="all",
    ),
    asks(
        C.UNKNOWN_PICTURE,
        "`stamp`, a field of chat: the target has no such field",
        chat("a fox", stamp=[PNG]),
    ),
    asks(
        C.UNKNOWN_SETTING,
        "`seeds`, a field of chat: the target has no such field",
        chat("a fox", seeds=[1]),
    ),
    asks(
        C.UNKNOWN_FIELD,
        "`tags`, a field of chat: the target has no such field",
        chat("a fox", tags=["a"]),
    ),
    asks(
        C.UNPLACED_FIELD,
        "a field of an empty part",
        chat(text("a fox"), {**text(""), "cache_control": {"type": "ephemeral"}}),
        target="chat",
    ),
    asks(
        C.EMPTY_TURN,
        "a model turn without text or image",
        {"messages": [{"role": "assistant", "content": None}, FOX]},
        history="all",
    ),
    asks(C.USER_ID, "Gemini has no field for the end user's id", chat("a fox", user="u1")),
    asks(
        C.MEDIA_TYPE,
        "declared type image/webp of a remote image",
        contents(REMOTE),
        source="gemini",
        target="chat",
    ),
    tells(C.THOUGHT_TEXT, "1 thought text(s) left out", answer(HM, PNG)),
    tells(
        C.FINISH_REASON,
        "finish reason MAX_TOKENS: the Images API has none",
        answer(PNG, finishReason="MAX_TOKENS"),
    ),
    tells(
        C.IMAGE_PROPERTY,
        "the image's quality, high: the target has no field for it",
        data(quality="high"),
        source="images",
        target="chat",
    ),
    tells(
        C.REPLY_PROPERTY,
        "id r1: replies of the Images API have none",
        {**answer(PNG), "responseId": "r1"},
    ),
    tells(
        C.TOKEN_COUNT,
        "5 VIDEO tokens: OpenAI's image models count text and images",
        {**answer(PNG), "usageMetadata": {"promptTokenCount": 5, "promptTokensDetails": VIDEO}},
    ),
    tells(
        C.MISSING_TOKEN_COUNT,
        "input tokens by modality are not stated: all are counted as text",
        {**answer(PNG), "usageMetadata": {"promptTokenCount": 5}},
    ),
    tells(
        C.BARE_SIGNATURE,
        "the thought signature of an empty text: the Images API has no field for it",
        answer(PNG, {"text": "", "thoughtSignature": "AAAA"}),
    ),
    tells(
        C.NEAREST_FINISH_REASON,
        "finish reason SPII became content_filter",
        answer(finishReason="SPII"),
        target="chat",
        chat_extensions=False,
    ),
    tells(
        C.JOINED_CANDIDATES,
        "2 candidates became one list of images",
        {"candidates": answer(PNG)["candidates"] * 2},
    ),
    tells(
        C.MOVED_THOUGHT,
        "the thought texts are written together, before the answer",
        answer(PNG, HM),
        target="chat",
        keep_drafts=True,
    ),
    asks(
        C.FIELD_AS_TEXT,
        "`steps` became text, as fields of a form are",
        {**FOX_AS_FORM, "steps": 5},
        source="images",
        target="images",
    ),
    asks(
        C.WRONG_MEDIA_TYPE,
        "declared type image/webp: the image's bytes are image/png",
        chat(picture(f"data:image/webp;base64,{hub.PNG}")),
    ),
    tells(
        C.MISPLACED_DATA_URI,
        "a data URI in a field for bare base64 was read as the image",
        data(data=[{"b64_json": URI}]),
        source="images",
        target="chat",
    ),
    tells(
        C.INVALID_FIELD,
        "`promptTokenCount` has a wrong type or is out of range: ignored",
        {**answer(PNG), "usageMetadata": {"promptTokenCount": "many"}},
    ),
    tells(
        C.INVALID_TIME,
        "createTime today: not a time as RFC 3339 writes it",
        {**answer(PNG), "createTime": "today"},
    ),
    tells(
        C.MISSING_MODEL,
        "no model was named: `model` is empty",
        data(),
        source="images",
        target="chat",
    ),
    asks(
        C.IGNORED_MODEL,
        "the path of the request names the model",
        {"model": "other", "contents": [{"parts": [{"text": "a fox"}]}]},
        source="gemini",
        model=GEMINI,
    ),
    tells(C.MISSING_TIME, "the reply names no time: `created` is 0", answer(PNG)),
    tells(
        C.MISSING_MEDIA_TYPE,
        "an image of unknown type without a declared one became application/octet-stream",
        data(data=[{"b64_json": "AAAA"}]),
        source="images",
        target="chat",
    ),
    tells(
        C.MISSING_TOKEN_COUNT,
        "input tokens by modality are not stated: all are counted as text",
        {**answer(PNG), "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 7}},
        target="responses",
    ),
    tells(
        C.BROKEN_STREAM,
        "the upstream's stream ended before its answer was complete",
        sent(answer(PNG)),
    ),
    asks(
        C.PARTIAL_IMAGES,
        "partial_images 2: no drafts will be made",
        {"prompt": "a fox", "stream": True, "partial_images": 2},
        source="images",
        stream="whole",
    ),
    asks(
        C.MORE_CONTENT,
        "1 more loss(es)",
        {"messages": [{"role": "system", "content": "paint"}] * 1001 + [FOX]},
        target="images",
    ),
    asks(
        C.MORE_SETTINGS,
        "1 more loss(es)",
        chat(text("a fox"), *[picture(detail="low")] * 1001),
    ),
    asks(
        C.MORE_METADATA,
        "1 more loss(es)",
        chat("a fox", **{f"litellm_{i}": 1 for i in range(1001)}),
    ),
]
