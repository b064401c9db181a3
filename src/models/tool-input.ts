import type { ToolUseBlock } from "../domain/model/conversation.ts";
import { isRecord } from "../domain/values/is-record.ts";
import type { Json } from "../domain/values/json.ts";
import { readModelJson } from "../domain/values/strict-json.ts";

/**
 * A tool call as the model wrote it. Nothing at all is an empty object; what is no whole JSON object, or one that could be
 * read in two ways, is `malformed`.
 */
export function toolUse(id: string, name: string, written: string): ToolUseBlock {
  if (written.trim() === "") return { type: "tool_use", id, name, input: {} };
  const read = readModelJson(written);
  if (read.ok && isRecord(read.value)) return { type: "tool_use", id, name, input: read.value };
  return { type: "tool_use", id, name, input: {}, malformed: written };
}

/** What a provider's own tool was asked goes back as it came: nothing here runs it. */
export function opaqueInput(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return {};
  }
}
