/** Runs a skill as a run does: its input through its schema, then its code. */
import { parseJson } from "../../../src/define/parsed.ts";
import type { Skill } from "../../../src/define/skill.ts";
import type { Json } from "../../../src/domain/values/json.ts";

/** Rejects with the words for the model where the input does not fit. */
export async function runSkill(
  skill: Skill,
  input: Json,
  services: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, Json>> {
  const parsed = await parseJson(skill.input, input);
  if (!parsed.ok) throw new Error(parsed.errors.map(({ path, message }) => `${path} ${message}`).join("\n"));
  const attempt = { attempt: 1, idempotencyKey: "key", signal: new AbortController().signal };
  return (await skill.run(parsed.value, attempt as never, services)) as Record<string, Json>;
}
