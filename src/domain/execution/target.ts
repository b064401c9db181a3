import * as z from "zod";

/** What can be executed: `agent.function`, split at the last dot, because agent names may hold dots. */
export const AgentId = z
  .string()
  .max(128)
  .regex(/^[a-z][a-z0-9._-]*$/, "must match ^[a-z][a-z0-9._-]*$: small letters, digits, dots, _ and -, a letter first");
export const FunctionName = z
  .string()
  .max(128)
  .regex(/^[a-z][a-z0-9_-]*$/, "must match ^[a-z][a-z0-9_-]*$: small letters, digits, _ and -, a letter first");

export const FunctionKind = z.enum(["reasoner", "skill", "execution", "role", "plan"]);
export type FunctionKind = z.infer<typeof FunctionKind>;

export interface Target {
  readonly agent: string;
  readonly fn: string;
}

/** `undefined` when the text is no target at all; whether the agent exists is the catalog's business. */
export function parseTarget(text: string): Target | undefined {
  const dot = text.lastIndexOf(".");
  if (dot <= 0 || dot === text.length - 1) return undefined;
  const agent = text.slice(0, dot);
  const fn = text.slice(dot + 1);
  if (!AgentId.safeParse(agent).success || !FunctionName.safeParse(fn).success) return undefined;
  return { agent, fn };
}

export function formatTarget({ agent, fn }: Target): string {
  return `${agent}.${fn}`;
}
