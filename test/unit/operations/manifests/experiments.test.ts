/** Experiments without a database: since when one counts, which version a run has, who may change one. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { Experiment } from "../../../../src/domain/manifest/experiment.ts";
import { Manifest } from "../../../../src/domain/manifest/manifest.ts";
import type { ManifestHead } from "../../../../src/domain/manifest/stored-manifest.ts";
import type { NodeView } from "../../../../src/domain/node/node.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { Experiments } from "../../../../src/operations/manifests/experiments.ts";
import type { ReadAgent } from "../../../../src/operations/manifests/stored-manifests.ts";
import type { NodeRegistry } from "../../../../src/operations/nodes/ports.ts";
import { pagedRegistry, rowOf } from "../../../support/paged-registry.ts";

const olga: Principal = { tenant: "t", subject: "olga", scopes: ["execute", "read"] };
const ada: Principal = { tenant: "t", subject: "ada", scopes: ["admin"] };
const request = (...weights: readonly (readonly [string, number])[]) => ({
  target: "a.run",
  request: { versions: weights.map(([version, weight]) => ({ version, weight })) },
});

class Kept {
  readonly experiments = new Map<string, Experiment>();
  readonly statuses = new Map<string, Manifest["status"]>([
    ["1.0.0", "active"],
    ["2.0.0", "active"],
    ["3.0.0", "draft"],
  ]);
  isStored = true;
  node: Awaited<ReturnType<NodeRegistry["one"]>> = refuse("not_found", "no node has this id");

  agent(version = "1.0.0"): ReadAgent | undefined {
    const status = this.statuses.get(version);
    if (status === undefined) return undefined;
    const manifest = Manifest.parse({
      ...{ name: "a", version, description: "Counts.", capabilities: ["Count"], skills_available: ["text.count"] },
      ...{ reasoning_mode: "oneshot", status },
    });
    const { description, tags, reasoning_mode: reasoningMode } = manifest;
    const times = { createdAtMs: 1, updatedAtMs: 1 };
    const head: ManifestHead = { tenant: "t", id: "a", owner: "olga", versions: 3, current: "1.0.0", ...times };
    const told = { version, status, description, tags, reasoningMode };
    return { id: "a", head: this.isStored ? head : undefined, current: "1.0.0", version: told, manifest };
  }
}

function experimentsOf(kept = new Kept(), rows: ReturnType<typeof rowOf>[] = []) {
  let nowMs = 1_000;
  const { list, asked } = pagedRegistry(rows);
  const experiments = new Experiments({
    store: {
      read: async ({ target }) => kept.experiments.get(target),
      write: async (experiment) => void kept.experiments.set(experiment.target, experiment),
      remove: async ({ target }) => void kept.experiments.delete(target),
    },
    stored: {
      one: async (_caller, id, version) => {
        const agent = id === "a" ? kept.agent(version) : undefined;
        return agent ? accept(agent) : refuse("agent_not_found", "Agent not found");
      },
    },
    nodes: { one: async () => kept.node },
    registry: { list },
    digest: (text) => createHash("sha256").update(text).digest("hex"),
    fn: "run",
    now: () => nowMs++,
  });
  return { experiments, kept, asked };
}

async function versionOf({ experiments }: ReturnType<typeof experimentsOf>, key: string): Promise<string | undefined> {
  const found = await experiments.manifestFor(olga, "a", key);
  return found.ok ? found.value.version : found.code;
}

describe("an experiment", () => {
  test("counts from when its weights were set; the same weights again begin nothing anew", async () => {
    const { experiments, asked } = experimentsOf();
    const since = async (...weights: readonly (readonly [string, number])[]) => {
      const put = await experiments.put(olga, request(...weights));
      return put.ok ? put.value.experiment.sinceMs : put.code;
    };
    expect(await since(["1.0.0", 1], ["2.0.0", 1])).toBe(1_000);
    expect(await since(["1.0.0", 1], ["2.0.0", 1])).toBe(1_000);
    expect(await since(["1.0.0", 1], ["2.0.0", 2])).toBe(1_001);
    expect(asked.at(-1)).toEqual({ tenant: "t", agent: "a", fn: "run", sinceMs: 1_001 });
  });

  test("looks at the newest 1,000 runs and no more", async () => {
    const rows = Array.from({ length: 1_500 }, (_, n) => ({ ...rowOf(`exec_${n}`, 2_000 - n), version: "1.0.0" }));
    const put = await experimentsOf(new Kept(), rows).experiments.put(olga, request(["1.0.0", 1]));
    expect(put).toMatchObject({ ok: true, value: { counted: 1_000 } });
  });

  test("is read with counts of all runs by who may divide it, and of their own by others", async () => {
    const { experiments, kept, asked } = experimentsOf();
    const shop = { target: "shop.sort", request: { versions: [{ version: "2.0.0", weight: 1 }] } };
    const record = { version: "2.0.0", reasoners: [{ id: "sort" }], skills: [] };
    kept.node = accept([{ record, state: { owner: "olga" } } as unknown as NodeView]);
    await experiments.put(olga, shop);
    const ivan: Principal = { ...olga, subject: "ivan" };
    const ownerAsked = async (caller: Principal) => {
      expect(await experiments.get(caller, "shop.sort")).toMatchObject({ ok: true });
      return asked.at(-1);
    };
    expect(await ownerAsked(ivan)).toMatchObject({ tenant: "t", owner: "ivan", agent: "shop" });
    for (const caller of [olga, ada]) expect(await ownerAsked(caller)).not.toHaveProperty("owner");
  });

  test("keeps the sessions of the others where one of its versions does not run any more", async () => {
    const made = experimentsOf();
    await made.experiments.put(olga, request(["1.0.0", 1], ["2.0.0", 1]));
    const sessions = Array.from({ length: 40 }, (_, n) => `s${n}`);
    const before = await Promise.all(sessions.map((name) => versionOf(made, name)));
    expect(new Set(before)).toEqual(new Set(["1.0.0", "2.0.0"]));
    made.kept.statuses.set("2.0.0", "archived");
    expect(await Promise.all(sessions.map((name) => versionOf(made, name)))).toEqual(sessions.map(() => "1.0.0"));
    made.kept.statuses.delete("1.0.0");
    expect(await versionOf(made, "s1")).toBe("agent_not_found");
  });

  test.each([
    ["a draft", ["3.0.0", 1], "agent_not_active"],
    ["a version that is not there", ["9.0.0", 1], "agent_not_found"],
  ] as const)("is refused with %s, and nothing is kept", async (_what, weight, code) => {
    const { experiments, kept } = experimentsOf();
    expect(await experiments.put(olga, request(["1.0.0", 1], weight))).toMatchObject({ ok: false, code });
    expect(kept.experiments.size).toBe(0);
  });

  test("of an agent of the code is an administrator's to set and to end, and everybody's to read", async () => {
    const { experiments, kept } = experimentsOf();
    kept.isStored = false;
    expect(await experiments.put(olga, request(["1.0.0", 1]))).toMatchObject({ code: "forbidden_scope" });
    expect(await experiments.put(ada, request(["1.0.0", 1]))).toMatchObject({ ok: true });
    expect(await experiments.remove(olga, "a.run")).toMatchObject({ code: "forbidden_scope" });
    expect(await experiments.get(olga, "a")).toMatchObject({ ok: true });
    expect(await experiments.remove(ada, "a")).toMatchObject({ ok: true });
    expect(await experiments.get(olga, "a.run")).toMatchObject({ code: "not_found" });
  });

  test("of a node is its owner's and an administrator's, with versions that offer the function", async () => {
    const { experiments, kept } = experimentsOf();
    const version = (name: string, fn: string) =>
      ({
        record: { version: name, reasoners: [{ id: fn }], skills: [] },
        state: { owner: "olga" },
      }) as unknown as NodeView;
    kept.node = accept([version("2.0.0", "sort"), version("1.0.0", "other")]);
    const put = (caller: Principal, target: string, name: string) =>
      experiments.put(caller, { target, request: { versions: [{ version: name, weight: 1 }] } });
    expect(await put(olga, "shop.sort", "2.0.0")).toMatchObject({
      ok: true,
      value: { experiment: { target: "shop.sort" } },
    });
    expect(await put(ada, "shop.sort", "2.0.0")).toMatchObject({ ok: true });
    expect(await put({ ...olga, subject: "ivan" }, "shop.sort", "2.0.0")).toMatchObject({ code: "forbidden_scope" });
    expect(await put(olga, "shop.sort", "1.0.0")).toMatchObject({ code: "target_not_found" });
    expect(await put(olga, "shop.none", "2.0.0")).toMatchObject({ code: "target_not_found" });
    expect(await put(olga, "shop", "2.0.0")).toMatchObject({ code: "agent_not_found" });
    expect(await experiments.get(olga, "shop.sort")).toMatchObject({ ok: true });
    expect(await experiments.remove({ ...olga, subject: "ivan" }, "shop.sort")).toMatchObject({
      code: "forbidden_scope",
    });
    expect(await experiments.remove(olga, "shop.sort")).toMatchObject({ ok: true });
  });
});
