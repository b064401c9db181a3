/** The store of an agent as a file: what one process saved, the next one has. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { StoredWork } from "../../../src/agent/index.ts";
import { fileStore } from "../../../src/agent/index.ts";
import { StoredWork as Stored } from "../../../src/agent/store.ts";

const folder = mkdtempSync(join(tmpdir(), "errand-agent-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const work = (task_id: string): StoredWork =>
  Stored.parse({
    phase: "started",
    work: {
      execution_id: "exec_1",
      next_task: { task_id, title: "T", action: "greet", idempotency_key: `exec_1/${task_id}` },
      lease: { lease_id: "lease_1", seconds: 60 },
    },
  });

describe("a file store", () => {
  it("keeps what was saved for the next process, for its owner alone, and forgets what was removed", async () => {
    const path = join(folder, "new", "agent.json");
    const store = fileStore(path);
    expect([store.isDurable, await store.load()]).toEqual([true, {}]);
    await Promise.all([store.save("a", work("a")), store.save("b", work("b")), store.save("c", work("c"))]);
    await store.remove("b");
    expect(await fileStore(path).load()).toEqual({ a: work("a"), c: work("c") });
    expect([readdirSync(join(folder, "new")), statSync(path).mode & 0o777]).toEqual([["agent.json"], 0o600]);
  });

  it("that cannot be read is not taken for an empty one", async () => {
    const path = join(folder, "broken.json");
    writeFileSync(path, '{"a":');
    await expect(fileStore(path).load()).rejects.toThrow(`${path} is damaged: what this agent had begun is not known`);
    expect(readFileSync(path, "utf8")).toBe('{"a":');
  });
});
