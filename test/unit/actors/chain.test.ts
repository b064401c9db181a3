/** The chain over a stored log: what was changed, left out or moved is found; rotation and repeated pages break nothing. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../src/actors/executions/journal.ts";
import type { NewEvent } from "../../../src/domain/execution/event.ts";
import { allAppendable } from "../../../src/domain/execution/event-text.ts";
import { fold } from "../../../src/domain/fold/evolve.ts";
import { parseEncryptionKeys } from "../../../src/vault/encryption-keys.ts";
import { Vault } from "../../../src/vault/vault.ts";
import { ORIGIN } from "../../support/log.ts";
import { ObjectStorage } from "../../support/object-storage.ts";

const key = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [key("old"), key("new")];

function sealerOf(secret: string | undefined) {
  if (secret === undefined) return new Vault({ sealing: undefined, opening: new Map() }).sealerOf("object");
  const parsed = parseEncryptionKeys(secret);
  if (!parsed.ok) throw new Error(parsed.problem);
  return new Vault(parsed.keys).sealerOf("object");
}

/** A store whose object is opened anew each time; notes are appended to it, `each` in a commit. */
function logIn(disk: ObjectStorage) {
  let seq = 0;
  const open = (secret: string | undefined) => {
    const store = new SqliteStore(disk.storage as DurableObjectStorage, sealerOf(secret));
    store.load();
    return store;
  };
  const append = (store: SqliteStore, commits: number, each = 1) => {
    for (let made = 0; made < commits; made += 1) {
      const events = Array.from(
        { length: each },
        (_, at): NewEvent =>
          seq + at === 0
            ? { type: "execution.created", data: { origin: ORIGIN, input: { amount: 10 } } }
            : { type: "note.added", data: { message: `note ${seq + at}`, tags: [] } },
      );
      const appended = allAppendable(events, { seq: seq + 1, atMs: 1, actor: "ann", v: 1 });
      if (!appended.ok) throw new Error(appended.detail);
      seq += each;
      const before = [...store.rows(0)].flatMap((row) => row.events);
      const state = fold([...before, ...appended.value.map(({ event }) => event)]);
      if (!state) throw new Error("it has a state");
      const nothing = { setTimers: new Map(), clearTimers: [], putMessages: new Map(), removeMessages: [] };
      store.commit({ events: appended.value, state, ...nothing, forgetLog: false });
    }
  };
  return { open, append };
}

describe("the chain of a log", () => {
  it("is whole after any number of commits, pages and openings", () => {
    const disk = new ObjectStorage();
    const { open, append } = logIn(disk);
    for (const [commits, each] of [
      [1, 1],
      [3, 2],
      [20, 1],
      [1, 30],
      [40, 3],
    ] as const) {
      const store = open(undefined);
      append(store, commits, each);
      expect(store.chain.check()).toMatchObject({ ok: true });
      expect(open(undefined).chain.check()).toMatchObject({ ok: true });
    }
  });

  it("survives a rotation in the middle of a page, and names a key that is gone", () => {
    const disk = new ObjectStorage();
    const { open, append } = logIn(disk);
    append(open(OLD), 5);
    append(open(`${NEW},${OLD}`), 20);
    append(open(`${NEW},${OLD}`), 3);
    expect(open(`${NEW},${OLD}`).chain.check()).toMatchObject({ ok: true });
  });

  it.each([
    ["an event that says something else", (sql: ObjectStorage["sqlite"]) => changed(sql, "note 3", "note 4")],
    ["an input that was changed", (sql: ObjectStorage["sqlite"]) => changed(sql, '"amount":10', '"amount":99')],
    ["a row that is missing", (sql: ObjectStorage["sqlite"]) => sql.exec("DELETE FROM log WHERE last_seq = 4")],
    ["two rows that changed places", swapped],
  ])("breaks at %s", (_what, tamper) => {
    const disk = new ObjectStorage();
    const { open, append } = logIn(disk);
    append(open(undefined), 6);
    tamper(disk.sqlite);
    expect(open(undefined).chain.check()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^the chain breaks/),
    });
  });

  it("breaks where the newest rows are gone after a snapshot was taken", () => {
    const disk = new ObjectStorage();
    const { open, append } = logIn(disk);
    append(open(undefined), 20);
    const before = open(undefined);
    disk.sqlite.exec("DELETE FROM log WHERE last_seq = (SELECT max(last_seq) FROM log)");
    expect(before.chain.check()).toMatchObject({ ok: false });
  });
});

function changed(sql: ObjectStorage["sqlite"], from: string, to: string): void {
  sql.prepare("UPDATE log SET content = replace(content, ?, ?)").run(from, to);
}

function swapped(sql: ObjectStorage["sqlite"]): void {
  const content = (seq: number) => String(sql.prepare("SELECT content FROM log WHERE last_seq = ?").get(seq)?.content);
  const [third, fourth] = [content(3), content(4)];
  sql.prepare("UPDATE log SET content = ? WHERE last_seq = 3").run(fourth);
  sql.prepare("UPDATE log SET content = ? WHERE last_seq = 4").run(third);
}
