import { describe, expect, it } from "vitest";
import { NodeBook } from "../../../../src/actors/nodes/node-book.ts";
import { NodeRows } from "../../../../src/actors/nodes/node-rows.ts";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { NodeRecord } from "../../../../src/domain/node/node.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";

const olga: Principal = { tenant: "acme", subject: "olga", scopes: ["agent"] };
const ada: Principal = { tenant: "acme", subject: "ada", scopes: ["admin"] };

function record(id: string, version = "1"): NodeRecord {
  return {
    ...{ id, version, teamId: "", groupId: "", baseUrl: "http://localhost:1", deployment: "long_running" },
    ...{
      invocationUrl: null,
      reasoners: [],
      skills: [],
      tags: [],
      validateInput: false,
      maxConcurrent: null,
      more: {},
    },
  };
}

function library(nodes = 3) {
  const disk = new ObjectStorage();
  const sealer = new Vault({ sealing: undefined, opening: new Map() }).sealerOf("tests");
  const open = () => {
    const rows = new NodeRows(disk.storage as DurableObjectStorage, sealer);
    return new NodeBook(rows, { ...DEFAULT_LIMITS, nodes }, 0);
  };
  return { disk, open };
}

const register = (book: NodeBook, whose: Principal, of: NodeRecord) =>
  book.register(whose, { record: of, instanceId: undefined, lifecycle: "ready", weight: undefined }, 1_000);

describe("the book of nodes", () => {
  it("makes no table before the first registration", () => {
    const { disk, open } = library();
    const book = open();
    expect(book.hear(olga, "nobody", { version: undefined, beat: beat("ready"), nowMs: 1 })).toBe(false);
    expect(disk.sqlite.prepare("SELECT count(*) AS n FROM sqlite_master").get()).toEqual({ n: 0 });
  });

  it("goes on with rows that were written before they said which form they have", () => {
    const { disk, open } = library();
    register(open(), olga, record("a"));
    disk.sqlite.exec("ALTER TABLE nodes DROP COLUMN schema");
    const book = open();
    expect(book.ids).toEqual(["a"]);
    expect(register(book, olga, record("a", "2")).ok).toBe(true);
    expect(
      open()
        .headsOf("a")
        .map(({ version }) => version)
        .sort(),
    ).toEqual(["1", "2"]);
  });

  it("takes as many versions as the tenant may have, and says the setting", () => {
    const { open } = library(3);
    const book = open();
    for (const of of [record("a"), record("a", "2"), record("b")]) expect(register(book, olga, of).ok).toBe(true);
    expect(register(book, olga, record("c"))).toMatchObject({
      code: "too_many_nodes",
      detail: expect.stringContaining("at most 3 registered versions of nodes a tenant has (ERRAND_MAX_NODES)"),
    });
    expect(register(book, olga, record("b")).ok).toBe(true);
    expect(book.remove(olga, "a")).toBe(true);
    expect(register(book, olga, record("c")).ok).toBe(true);
  });

  it("is after a restart as it was: owners, weights, what operators said", () => {
    const { open } = library();
    const book = open();
    register(book, olga, record("a"));
    register(book, olga, record("b"));
    book.change(ada, "a", { change: { type: "stop" }, nowMs: 2_000 });
    book.change(olga, "a", { change: { type: "weigh", version: "1", weight: 7 }, nowMs: 2_000 });
    const again = open();
    expect(again.ids).toEqual(["a", "b"]);
    const [head] = again.headsOf("a");
    expect(head && again.stateOf(head, 3_000)).toMatchObject({
      owner: "olga",
      weight: 7,
      stopped: true,
      health: "inactive",
    });
    expect(register(again, ada, record("a"))).toMatchObject({ code: "node_taken" });
  });

  it("hears without a write, and flushes once what is other than on disk", () => {
    const { disk, open } = library();
    const book = open();
    register(book, olga, record("a"));
    const before = disk.rowsWritten;
    for (const word of ["degraded", "ready", "degraded"] as const)
      expect(book.hear(olga, "a", { version: "1", beat: beat(word), nowMs: 2_000 })).toBe(true);
    expect(disk.rowsWritten).toBe(before);
    book.flush();
    book.flush();
    expect(disk.rowsWritten).toBe(before + 1);
  });
});

function beat(lifecycle: "ready" | "degraded") {
  return { lifecycle, healthScore: undefined, instanceId: undefined };
}
