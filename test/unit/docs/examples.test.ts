import { expect, test } from "vitest";
import { offered } from "../../../src/define/offer.ts";
import { agentsOf } from "../../../src/define/roles/role-functions.ts";
import { examples } from "../../../src/examples/examples.ts";
import { blocksOf, SHELL } from "../../support/docs/blocks.ts";

/** What the page has a curl for; that each of them does what it says is run by test/e2e/docs-blocks.test.ts. */
const called = new Set(
  blocksOf("docs/examples.md")
    .filter(({ language, kind }) => SHELL.has(language) && kind === "")
    .flatMap(({ text }) => [...text.matchAll(/^curl .*\/api\/v1\/execute\/(?:async\/)?([\w.-]+)/gm)])
    .map(([, target = ""]) => target),
);

test("each example has a curl in docs/examples.md, and each curl there is an example", () => {
  const roles = (examples.runtimes ?? []).flatMap(agentsOf);
  const { agents } = offered({
    agents: [...(examples.agents ?? []), ...roles],
    definitions: examples.executions ?? [],
  });
  const targets = agents.flatMap(({ id, functions }) => [...functions.keys()].map((name) => `${id}.${name}`));
  expect(targets.length).toBeGreaterThan(10);
  expect([...called].sort()).toEqual(targets.sort());
});
