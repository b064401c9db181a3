import { z } from "zod";
import type { ToolUseBlock } from "../domain/conversation.ts";
import { Json } from "../domain/json.ts";

const ToolInput = z.record(z.string(), Json);

/** A tool call as the model wrote it. Nothing at all is an empty object; what is no whole JSON object is `malformed`. */
export function toolUse(id: string, name: string, written: string): ToolUseBlock {
  if (written.trim() === "") return { type: "tool_use", id, name, input: {} };
  const input = readObject(written);
  return input ? { type: "tool_use", id, name, input } : { type: "tool_use", id, name, input: {}, malformed: written };
}

function readObject(text: string): ToolUseBlock["input"] | undefined {
  try {
    return ToolInput.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
