// The AI SDK's providers as clients: an ask a line of input, what they show a line of output.

import { createInterface } from "node:readline";

import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { generateImage, generateText, streamText } from "ai";

const shared = { apiKey: "client-key" };
const drawn = { providerOptions: { google: { responseModalities: ["TEXT", "IMAGE"] } } };

const counts = ({ inputTokens, outputTokens, totalTokens }) =>
  totalTokens === undefined ? null : [inputTokens, outputTokens, totalTokens];

const seen = async (result) => {
  const files = (await result.files).map((file) => file.base64);
  const results = (await result.toolResults).map((tool) => tool.output.result);
  const usage = counts(await result.usage);
  return { pictures: [...files, ...results], text: await result.text, finish: await result.finishReason, usage };
};

const write = async (model, more) => seen(await generateText({ model, prompt: "a fox", maxRetries: 0, ...more }));

// The reply goes back as the library keeps it, with a next wish.
const converse = async (model, more) => {
  const first = { role: "user", content: "a fox" };
  const { response } = await generateText({ model, messages: [first], maxRetries: 0, ...more });
  const messages = [first, ...response.messages, { role: "user", content: "make it night" }];
  return write(model, { ...more, prompt: undefined, messages });
};

const stream = async (model, more) => {
  let failure;
  const onError = ({ error }) => (failure ??= error);
  const result = streamText({ model, prompt: "a fox", maxRetries: 0, onError, ...more });
  await result.consumeStream();
  if (failure) throw failure;
  return seen(result);
};

const draw = async (model, prompt = "a fox") => {
  const { images, usage } = await generateImage({ model, prompt, maxRetries: 0 });
  return { pictures: images.map((image) => image.base64), text: "", finish: null, usage: counts(usage) };
};

// What each ask does, at a proxy, of a model, with a picture in base64.
const asks = (base, model, picture) => {
  const openai = createOpenAI({ ...shared, baseURL: `${base}/v1` });
  const compatible = createOpenAICompatible({ ...shared, name: "compatible", baseURL: `${base}/v1`, includeUsage: true });
  const google = createGoogleGenerativeAI({ ...shared, baseURL: `${base}/v1beta` });
  const openrouter = createOpenRouter({ ...shared, baseURL: `${base}/api/v1` });
  const counted = { usage: { include: true } };

  const edit = { text: "add a hat", images: [Buffer.from(picture, "base64")] };
  const image = { type: "image", image: picture, mediaType: "image/png" };
  const shown = { prompt: undefined, system: "Be terse.", messages: [{ role: "user", content: [{ type: "text", text: edit.text }, image] }] };
  const tool = { tools: { image_generation: openai.tools.imageGeneration({ model }) } };

  return {
    "openai-chat": () => write(openai.chat(model)),
    "openai-chat-with-picture": () => write(openai.chat(model), shown),
    "openai-chat-stream": () => stream(openai.chat(model)),
    "openai-image": () => draw(openai.image(model)),
    "openai-edit": () => draw(openai.image(model), edit),
    "openai-responses-conversation": () => converse(openai.responses("gpt-6.1"), { ...tool, providerOptions: { openai: { store: false } } }),
    "openai-responses": () => write(openai.responses("gpt-6.1"), tool),
    "openai-responses-stream": () => stream(openai.responses("gpt-6.1"), tool),
    "compatible-chat": () => write(compatible.chatModel(model)),
    "compatible-chat-with-picture": () => write(compatible.chatModel(model), shown),
    "compatible-chat-stream": () => stream(compatible.chatModel(model)),
    "compatible-image": () => draw(compatible.imageModel(model)),
    "compatible-edit": () => draw(compatible.imageModel(model), edit),
    "google": () => write(google(model), drawn),
    "google-with-picture": () => write(google(model), { ...drawn, ...shown }),
    "google-conversation": () => converse(google(model), drawn),
    "google-stream": () => stream(google(model), drawn),
    "google-image": () => draw(google.image(model)),
    "google-edit": () => draw(google.image(model), edit),
    "openrouter-chat": () => write(openrouter.chat(model)),
    "openrouter-chat-with-picture": () => write(openrouter.chat(model), shown),
    "openrouter-chat-conversation": () => converse(openrouter.chat(model)),
    "openrouter-chat-stream": () => stream(openrouter.chat(model, counted)),
    "openrouter-image": () => draw(openrouter.imageModel(model)),
    "openrouter-edit": () => draw(openrouter.imageModel(model), edit),
  };
};

globalThis.AI_SDK_LOG_WARNINGS = false;

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, base, model, picture } = JSON.parse(line);
  const failed = ({ message, statusCode }) => ({ failed: [statusCode ?? null, message] });
  const shown = await asks(base, model, picture)[ask]().catch(failed);
  console.log(JSON.stringify(shown));
}
