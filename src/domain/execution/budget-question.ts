import type { LimitName } from "./budget.ts";

/** No name of a program holds a "#": nothing that a program asks for can be meant. */
const PREFIX = "#budget:";

/** The key of the approval that asks whether a limit is to be raised, and by how much. `count`: tells it from those before. */
export function budgetKey({
  limit,
  by,
  count,
}: {
  readonly limit: LimitName;
  readonly by: number;
  readonly count: number;
}) {
  return `${PREFIX}${limit}:${by}:${count}`;
}

export function isBudgetKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** What an approval with this key asks; `undefined` for one about anything else. */
export function askedInKey(key: string): { readonly limit: LimitName; readonly by: number } | undefined {
  if (!isBudgetKey(key)) return undefined;
  const [limit, by] = key.slice(PREFIX.length).split(":");
  return { limit: limit as LimitName, by: Number(by) };
}
