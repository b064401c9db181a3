/**
 * What a model may call: a tool of the user's, which is a leaf, or one that Errand brings, which is a piece of the program and
 * may ask the context anything.
 */
import type { ToolDeclaration } from "../../domain/model/conversation.ts";
import type { Json } from "../../domain/values/json.ts";
import type { ProgramContext } from "../program-context.ts";
import type { StandardSchema } from "../schema.ts";
import type { Tool } from "../tool.ts";

export interface ProgramTool {
  readonly name: string;
  readonly input: StandardSchema;
  readonly declaration: ToolDeclaration;
  /** Runs in a branch of its own. A `ToolError` or a `StepError` is told to the model. */
  readonly act: (input: Json, ctx: ProgramContext) => Promise<Json>;
}

export type ModelTool = Tool | ProgramTool;

export function isProgramTool(tool: object): tool is ProgramTool {
  return "act" in tool;
}
