/**
 * What the tools of an attempt say about single items. A tool that works on items records, under its own name, an object
 * of item → outcome: `scratchpad.record("upsert", { "sku-1": true, "sku-2": { ok: false, error: "no price" } })`. Several
 * calls of one tool add up; for one item the last one counts.
 */
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { ToolCall, ToolScratchpad } from "../validator.ts";

/** Item → what the tool recorded for it. */
export function itemsOf(scratchpad: ToolScratchpad, tool: string): ReadonlyMap<string, Json> {
  const records = scratchpad.calls(tool).map(({ recorded }) => recorded);
  // What was recorded outside a call of this tool, by another one in its name.
  return new Map([...records, scratchpad.read(tool)].flatMap(fieldsOf));
}

function fieldsOf(recorded: Json | undefined): [string, Json][] {
  return recorded && typeof recorded === "object" && !Array.isArray(recorded) ? Object.entries(recorded) : [];
}

/** Why an item counts as failed; `undefined` when it went well. */
export function failureOfItem(outcome: Json): string | undefined {
  if (!outcome) return "failed";
  if (typeof outcome !== "object" || Array.isArray(outcome) || outcome.ok !== false) return undefined;
  return typeof outcome.error === "string" ? outcome.error : "failed";
}

/** Calls whose last repetition with the same input still failed. */
export function failedCalls(calls: readonly ToolCall[]): readonly ToolCall[] {
  const last = new Map(calls.map((call) => [canonicalJson(call.input), call]));
  return [...last.values()].filter(({ outcome }) => !outcome.ok);
}

/** A sentence may name so many items; a model that sees this many does not need the rest. */
const MOST_NAMED = 100;

export function named(items: readonly string[]): string {
  const more = items.length - MOST_NAMED;
  return more > 0 ? `${items.slice(0, MOST_NAMED).join(", ")} and ${more} more` : items.join(", ");
}

export const notCalled = (tool: string): string =>
  `The tool "${tool}" was not called. Call it before you answer, then answer again.`;

export function wasCalled(scratchpad: ToolScratchpad, tool: string): boolean {
  return scratchpad.calls(tool).length > 0 || scratchpad.read(tool) !== undefined;
}
