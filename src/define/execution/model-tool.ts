/**
 * What a model may call: a tool of the user's, which is a leaf, or one that Errand brings, which is a piece of the program and
 * may ask the context anything.
 */
import type { z } from "zod";
import { ToolDeclaration } from "../../domain/model/conversation.ts";
import type { Json } from "../../domain/values/json.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import type { ProgramContext } from "../program-context.ts";
import type { StandardSchema } from "../schema.ts";
import { strict } from "../strict.ts";
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

export function programTool<In extends z.ZodObject>(options: {
  readonly name: string;
  readonly description: string;
  readonly input: In;
  readonly act: (input: z.output<In>, ctx: ProgramContext) => Promise<Json>;
}): ProgramTool {
  const { name, description, act } = options;
  const input = strict(options.input as z.ZodType, `tool "${name}"`);
  const inputSchema = jsonSchemaOf(input, "input", { strict: true });
  const declaration = ToolDeclaration.parse({ name, description, inputSchema });
  return { name, input, declaration, act: (given, ctx) => act(given as z.output<In>, ctx) };
}
