import { describe, expect, it } from "vitest";
import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { fileKey } from "../../../../src/domain/execution/stored-file.ts";
import type { ExecutionView } from "../../../../src/domain/read-models/view.ts";
import { Files } from "../../../../src/operations/executions/files.ts";
import type { ExecutionClient } from "../../../../src/operations/ports.ts";
import { running } from "../../../support/log.ts";

const CALLER = { tenant: "t", subject: "ann", scopes: [] };
const item = { name: "a.txt", mediaType: "text/plain" as const, size: 1, digest: "d" };
const FILES = { upload: "2026-11-21T08-aa", items: [{ ...item, name: "b.txt" }, item], expiresAtMs: 2_000 };
const BYTES = new Uint8Array([7]);

/** An execution with two files, and a store that holds the second. */
function house(change: Partial<ExecutionState> = {}) {
  const { state } = running();
  if (!state) throw new Error("it runs");
  const view = { state: { ...state, ...change }, files: FILES } as unknown as ExecutionView;
  const objects = new Map([[fileKey(state.origin, FILES, 1), BYTES]]);
  const client = { view: async () => ({ ok: true, value: view }) } as unknown as ExecutionClient;
  const store = {
    put: async () => {},
    about: async () => undefined,
    read: async (key: string) => objects.get(key),
    remove: async () => {},
  };
  return { client, store };
}

const read = (name: string, change?: Partial<ExecutionState>) =>
  new Files(house(change)).read(CALLER, { executionId: "exec_1", name });

describe("a file of an execution", () => {
  it("is read by its name", async () => {
    expect(await read("a.txt")).toEqual({ ok: true, value: { ...item, bytes: BYTES } });
  });

  it("is unknown by any other", async () => {
    expect(await read("c.txt")).toMatchObject({ ok: false, code: "not_found" });
  });

  it("is gone once its time is over, also while the store still holds it", async () => {
    expect(await read("a.txt", { filesExpiredAtMs: 2_000 })).toMatchObject({ ok: false, code: "file_expired" });
  });

  it("is gone when the store has lost it", async () => {
    expect(await read("b.txt")).toMatchObject({ ok: false, code: "file_expired" });
  });
});
