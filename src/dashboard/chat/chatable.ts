/** Which functions one can talk to: those that need one text and nothing else. Pure. */
import { fieldOf } from "../forms/schema.ts";

/** The name of the text; undefined: its input is more than a message. */
export function messageField(inputSchema: unknown): string | undefined {
  const field = fieldOf(inputSchema ?? {});
  if (field.kind !== "group") return undefined;
  const needed = field.fields.filter(({ required }) => required);
  const [only] = needed;
  return needed.length === 1 && only?.kind === "text" ? only.name : undefined;
}
