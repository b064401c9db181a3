/** Calls of a node that are divided among its versions, without a directory and a database. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { Experiment } from "../../../../src/domain/manifest/experiment.ts";
import type { RoutedNode } from "../../../../src/domain/node/node.ts";
import { accept } from "../../../../src/domain/values/fault.ts";
import { DividedNodes } from "../../../../src/operations/nodes/divided-nodes.ts";

const olga: Principal = { tenant: "t", subject: "olga", scopes: ["execute"] };
const SESSIONS = Array.from({ length: 40 }, (_, n) => `s${n}`);

/** The directory itself picks the first of what is there. */
function nodesOf(offeredBy: string[], experiment: Pick<Experiment, "versions"> | "gone" | undefined) {
  const asked: string[] = [];
  const divided = new DividedNodes({
    directory: {
      route: async (_caller, { nodeId, fn, version }) => {
        const picked = offeredBy.includes(version ?? "") ? version : offeredBy[0];
        return accept({ nodeId, fn, version: picked, offeredBy } as unknown as RoutedNode);
      },
    },
    read: async ({ tenant, target }) => {
      asked.push(`${tenant} ${target}`);
      if (experiment === "gone") throw new Error("no index");
      return experiment && { ...experiment, tenant, target, sinceMs: 0, updatedBy: "olga" };
    },
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  });
  const versionOf = async (key: string | undefined, version?: string) => {
    const target = { nodeId: "shop", fn: "sort", ...(key && { key }), ...(version && { version }) };
    const routed = await divided.route(olga, target);
    return routed.ok ? routed.value.version : routed.code;
  };
  return { asked, versionOf, all: () => Promise.all(SESSIONS.map((key) => versionOf(key))) };
}
const weights = (...all: (readonly [string, number])[]) => ({
  versions: all.map(([version, weight]) => ({ version, weight })),
});

test("a session has one version, by the weights, and keeps it where another one is not there", async () => {
  const both = weights(["1", 1], ["2", 3]);
  const { all, asked } = nodesOf(["1", "2"], both);
  const first = await all();
  expect(await all()).toEqual(first);
  expect(first.filter((version) => version === "2").length).toBeGreaterThan(20);
  expect(new Set(first)).toEqual(new Set(["1", "2"]));
  expect(asked[0]).toBe("t shop.sort");
  const without = await nodesOf(["3", "1"], both).all();
  expect(without).toEqual(SESSIONS.map(() => "1"));
  const third = await nodesOf(["1", "2", "3"], both).all();
  expect(third).toEqual(first);
});

test("what names a version, or has no key, and what has one version alone asks for no experiment", async () => {
  const { versionOf, asked } = nodesOf(["1", "2"], weights(["2", 1]));
  expect([await versionOf("s1", "1"), await versionOf(undefined)]).toEqual(["1", "1"]);
  const alone = nodesOf(["1"], weights(["2", 1]));
  expect([await alone.versionOf("s1"), asked, alone.asked]).toEqual(["1", [], []]);
});

test("without an experiment, and without an index, calls go as the directory says", async () => {
  for (const found of [undefined, "gone"] as const)
    expect(await nodesOf(["1", "2"], found).all()).toEqual(SESSIONS.map(() => "1"));
  expect(await nodesOf(["1", "2"], weights(["2", 1])).versionOf("s1")).toBe("2");
});
