import { plus } from "../../../../src/domain/execution/budget.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";

export const paidIsCounted: Check = {
  name: "what the model was asked is counted as spent",
  asked: "at the end",
  wrongs: unpaid,
};

/** P4 beyond the log: what the model was really asked is never more than what is counted as spent. */
function unpaid(world: SimWorld): string[] {
  const { state } = world.root.view;
  const { turns, tokens } = world.paid;
  if (!state) return [];
  // A turn that was under way at the end stays reserved when nobody was left to hear of it.
  const counted = plus(state.spent, state.reserved);
  if (counted.turns >= turns && counted.tokens >= tokens) return [];
  return [`P4: ${turns} turns and ${tokens} tokens were paid, but only ${JSON.stringify(counted)} is counted`];
}
