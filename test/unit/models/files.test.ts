/** Files on their way to a model: what they may cost before their bytes are read, and that all of the bytes arrive. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_FILE_BYTES, MEDIA_TYPES } from "../../../src/domain/execution/stored-file.ts";
import type { Block } from "../../../src/domain/model/conversation.ts";
import { TurnFailure } from "../../../src/domain/model/conversation.ts";
import type { FileBlock } from "../../../src/domain/model/turn-draft.ts";
import type { Stage } from "../../support/models/stages.ts";
import { STAGES } from "../../support/models/stages.ts";

/** Ten megabytes that no encoder leaves as they are. */
const bytes = new Uint8Array(MAX_FILE_BYTES).map((_, at) => at % 251);
const data = Buffer.from(bytes).toString("base64");
const types = Object.values(MEDIA_TYPES);
const named = (mediaType: FileBlock["mediaType"], size = MAX_FILE_BYTES): FileBlock => ({
  type: "file",
  name: "f",
  mediaType,
  size,
  digest: "d",
});
const carried = (mediaType: FileBlock["mediaType"], content = data): Block =>
  mediaType === "image/png" || mediaType === "image/jpeg"
    ? { type: "image", mediaType, data: content }
    : { type: "document", mediaType, data: content, title: "f" };
const request = (block: Block | FileBlock) => ({
  messages: [{ role: "user" as const, content: [block, { type: "text" as const, text: "?" }] }],
  maxTokens: 100,
});

describe.each(STAGES)("$name", ({ name, open }) => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await open();
  });
  afterEach(() => stage.close());
  const ask = (block: Block | FileBlock) =>
    stage.models.generate(request(block), { signal: new AbortController().signal });

  it.each(types)(
    "gets all ten megabytes of %s, and the estimate by name alone covered them",
    async (mediaType) => {
      const text = "a".repeat(MAX_FILE_BYTES);
      const content = mediaType === "text/plain" ? btoa(text) : data;
      const { inputTokens } = stage.models.estimate(request(named(mediaType)));
      stage.plan({ text: ["seen"] });
      const reply = await ask(carried(mediaType, content));
      expect(reply.inputTokens).toBeLessThanOrEqual(inputTokens);
      if (name === "scripted") return;
      const sent = JSON.stringify(stage.requests[0]?.body);
      expect(sent.includes(mediaType === "text/plain" ? text : data)).toBe(true);
    },
    60_000,
  );

  it("is not asked about a file whose bytes nobody read", async () => {
    const error = await ask(named("text/plain", 5)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TurnFailure);
    expect(error).toMatchObject({ code: "invalid_request", spent: "nothing" });
    expect(stage.requests).toHaveLength(0);
  });
});

describe("the estimate of a file by name", () => {
  const [anthropic] = STAGES;

  it.each(types)("is at least that of its content, for %s", async (mediaType) => {
    const stage = await (anthropic ?? expect.fail("no stage")).open();
    const small = "x".repeat(3_000);
    const by = (block: Block | FileBlock) => stage.models.estimate(request(block)).inputTokens;
    const [name, content] = [by(named(mediaType, 3_000)), by(carried(mediaType, btoa(small)))];
    await stage.close();
    // A text is carried in base64, a third longer than what the model reads of it.
    expect(name).toBeGreaterThanOrEqual(mediaType === "text/plain" ? 3_000 : content);
  });
});
