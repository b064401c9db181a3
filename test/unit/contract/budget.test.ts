/** The limits of a start: one that is misspelt is refused, because it would be none. */
import { expect, test } from "vitest";
import { ExecuteRequest } from "../../../src/contract/executions/requests.ts";
import { parseValue } from "../../../src/http/requests/parse.ts";

test.each([
  [{ cost_usd: 1 }, "budget: has the unknown key cost_usd; it takes max_turns, max_tokens, max_cost_usd, max_duration"],
  [{ maxTurns: 1, turns: 2 }, "budget: has the unknown keys maxTurns, turns; it takes max_turns"],
  [{ max_turns: -1 }, "budget.max_turns: must be at least 0"],
])("%j is refused, and those that there are are named", (budget, words) => {
  const parsed = parseValue({ budget }, ExecuteRequest);
  expect(parsed).toMatchObject({ ok: false, detail: expect.stringContaining(words) });
});

test("a limit of the table is taken", () => {
  expect(parseValue({ budget: { max_cost_usd: 1 } }, ExecuteRequest)).toMatchObject({ ok: true });
});
