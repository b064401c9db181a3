/** Stored manifests in the real tables: what is current, who was first, and what goes with an agent. */
import { describe, expect, test } from "vitest";
import { Manifest } from "../../../../src/domain/manifest/manifest.ts";
import { ExperimentRows } from "../../../../src/registry/documents/experiment-rows.ts";
import { ManifestRows } from "../../../../src/registry/documents/manifest-rows.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";

const PLAIN = { sealText: (text: string) => text, openText: (text: string) => text };

function tables() {
  const { d1 } = new RegistryDatabase();
  const rows = new ManifestRows(d1, PLAIN);
  const experiments = new ExperimentRows(d1);
  let versions = 0;
  const store = (id: string, version: string, { status = "active", seq = ++versions, tenant = "t" } = {}) => {
    const manifest = Manifest.parse({
      ...{ name: id, version, description: "Counts.", capabilities: ["Count"], skills_available: ["text.count"] },
      ...{ reasoning_mode: "oneshot", status },
    });
    const { status: _status, ...document } = manifest;
    const head = { tenant, id, owner: "olga", versions: seq, createdAtMs: 1, updatedAtMs: seq };
    const text = JSON.stringify(document);
    return rows.append({ head, manifest, text, bytes: text.length, by: "olga" });
  };
  return { rows, experiments, store };
}

const named = { tenant: "t", id: "a" };

describe("the current version", () => {
  test("is the last stored among the active, else among the deprecated, the drafts, the archived", async () => {
    const { rows, store } = tables();
    const current = async () => (await rows.head(named))?.current;
    const move = async (version: string, status: "draft" | "active" | "deprecated" | "archived") => {
      const found = await rows.version(named, version);
      if (!found) throw new Error(`there is no version ${version}`);
      await rows.setStatus({ ...found, tenant: "t", status, updatedAtMs: 9, updatedBy: "olga" });
    };
    await store("a", "1.0.0");
    await store("a", "2.0.0", { status: "draft" });
    expect(await current()).toBe("1.0.0");
    await move("2.0.0", "active");
    expect(await current()).toBe("2.0.0");
    await move("2.0.0", "deprecated");
    expect(await current()).toBe("1.0.0");
    await move("1.0.0", "archived");
    expect(await current()).toBe("2.0.0");
  });
});

test("a version, and a number of one, are stored once", async () => {
  const { rows, store } = tables();
  expect(await store("a", "1.0.0", { seq: 1 })).toBe(true);
  const before = await rows.usage("t");
  expect(await store("a", "1.0.0", { seq: 2 })).toBe(false);
  expect(await store("a", "2.0.0", { seq: 1 })).toBe(false);
  expect(await rows.usage("t")).toBe(before);
  expect(await rows.versions(named, { limit: 9, before: undefined })).toHaveLength(1);
});

test("with an agent go its versions, its bytes and its experiment, and nothing of others", async () => {
  const { rows, experiments, store } = tables();
  const targets = [
    ["t", "a.run"],
    ["t", "a.b.run"],
    ["t", "aa.run"],
    ["u", "a.run"],
  ] as const;
  await store("a", "1.0.0");
  await store("a.b", "1.0.0", { seq: 1 });
  const versions = [{ version: "1.0.0", weight: 1 }];
  for (const [tenant, target] of targets)
    await experiments.write({ tenant, target, versions, sinceMs: 1, updatedBy: "olga" });
  const before = await rows.usage("t");
  await rows.remove(named);
  expect(await rows.head(named)).toBeUndefined();
  expect(await rows.usage("t")).toBeLessThan(before);
  expect(await rows.usage("t")).toBeGreaterThan(0);
  const left = await Promise.all(targets.map(([tenant, target]) => experiments.read({ tenant, target })));
  expect(left.map((one) => one !== undefined)).toEqual([false, true, true, true]);
});
