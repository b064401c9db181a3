import type { Amount } from "../../../../src/domain/execution/budget.ts";
import { NOTHING, plus } from "../../../../src/domain/execution/budget.ts";
import { emptyIndex, foldEntry } from "../../../../src/domain/fold/entry-index.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const reservedIsOwed: Check = {
  name: "what is set aside is what open entries hold",
  asked: "at the end",
  wrongs: ofEach(leaked),
};

const DIMENSIONS = ["turns", "tokens", "costUsd", "children"] as const;

/** B2: what an entry had set aside is spent or given back, and nothing else is. */
function leaked(world: SimWorld, id: string): string[] {
  const { events, state } = world.store(id).view;
  const index = emptyIndex();
  for (const event of events) foldEntry(index, event);
  const open = [...index.open].map((key) => index.entries.get(key)?.reserve ?? NOTHING);
  const owed = open.reduce((sum: Amount, reserve) => plus(sum, reserve), NOTHING);
  return DIMENSIONS.flatMap((dimension) => {
    const [is, wanted] = [state?.reserved[dimension] ?? 0, owed[dimension]];
    return Math.abs(is - wanted) < 1e-6
      ? []
      : [`B2: ${id} has set ${is} ${dimension} aside, and its entries ${wanted}`];
  });
}
