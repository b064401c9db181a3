/** A long log in real SQLite: what pages repeat, what they leave where it is, and that reading never shows it. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { SqliteStore } from "../../src/actors/executions/journal.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import { parseEncryptionKeys } from "../../src/vault/encryption-keys.ts";
import { Vault } from "../../src/vault/vault.ts";
import { commitOf, created, eventsIn, note } from "../support/workers/stored.ts";

const SECRET = `a:${btoa(String.fromCharCode(...new Uint8Array(32).fill(1)))}`;

function inStorage(work: (open: (secret: string) => SqliteStore, sql: SqlStorage) => void): Promise<void> {
  const stub = env.EXECUTIONS.get(env.EXECUTIONS.newUniqueId());
  const open = (storage: DurableObjectStorage, secret: string) => {
    const parsed = parseEncryptionKeys(secret);
    if (!parsed.ok) throw new Error(parsed.problem);
    return new SqliteStore(storage, new Vault(parsed.keys).sealerOf("object"));
  };
  return runInDurableObject(stub, (_, { storage }) => work((secret) => open(storage, secret), storage.sql));
}

const rowsOf = (sql: SqlStorage) =>
  sql
    .exec<{ last_seq: number; page: number | null; size: number }>(
      "SELECT last_seq, page, length(content) AS size FROM log WHERE last_seq > 0 ORDER BY last_seq",
    )
    .toArray();

test("a log of many small commits is read from its pages, and has no row more", () =>
  inStorage((open, sql) => {
    const store = open(SECRET);
    const events = [created, ...Array.from({ length: 49 }, (_, index) => note(index + 2, `note ${index}`))];
    for (const event of events) store.commit(commitOf([event]));
    const rows = rowsOf(sql);
    expect(rows).toHaveLength(50);
    expect(rows.filter(({ page }) => page === 1).map(({ last_seq }) => last_seq)).toEqual([17, 34]);
    // Whoever opened a row that a page repeats would stumble over it.
    sql.exec("UPDATE log SET content = x'00' WHERE page IS NULL AND last_seq BETWEEN 1 AND 34");
    for (const reader of [store, open(SECRET)]) {
      expect(reader.load().state?.seq).toBe(50);
      for (const after of [0, 1, 16, 17, 18, 33, 34, 40, 49, 50]) {
        expect(eventsIn(reader, after, 100)).toEqual(events.slice(after));
        expect(eventsIn(reader, after, 3)).toEqual(events.slice(after, after + 3));
      }
    }
  }));

test("what is large is not repeated: its rows become pages where they are", () =>
  inStorage((open, sql) => {
    const store = open(SECRET);
    const large = note(4, "x".repeat(300_000));
    const huge = [note(5, "y".repeat(400_000)), note(6, "z".repeat(400_000))];
    const commits = [[created], [note(2, "small"), note(3, "too")], [large], huge, [note(7, "after")]];
    for (const events of commits) store.commit(commitOf(events));
    expect(rowsOf(sql).map(({ last_seq, page }) => [last_seq, page])).toEqual([
      [1, 1],
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 1],
      [7, null],
    ]);
    const stored = rowsOf(sql).reduce((sum, { size }) => sum + size, 0);
    expect(stored).toBeLessThan(1_110_000);
    for (let after = 0; after <= 7; after += 1)
      expect(eventsIn(open(SECRET), after, 100)).toEqual(commits.flat().slice(after));
  }));

test("whatever the sizes, and however often it is opened anew, a log reads as it was written", () =>
  inStorage((open, sql) => {
    let drawn = 7;
    const size = () => {
      drawn = (drawn * 48_271) % 2_147_483_647;
      const kind = drawn % 20;
      return kind === 0 ? 70_000 : kind < 6 ? 20_000 : kind;
    };
    let store = open(SECRET);
    const all: Event[] = [];
    for (let commit = 0; commit < 120; commit += 1) {
      const events = Array.from({ length: 1 + (commit % 3) }, (_, index): Event => {
        const seq = all.length + index + 1;
        return seq === 1 ? created : note(seq, "n".repeat(size()));
      });
      all.push(...events);
      store.commit(commitOf(events));
      if (commit % 11 === 0) {
        store = open(SECRET);
        expect(store.load().state?.seq).toBe(all.length);
      }
    }
    for (const reader of [store, open(SECRET)]) {
      expect(eventsIn(reader, 0, 1_000).map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
      for (let after = 0; after < all.length; after += 13)
        expect(eventsIn(reader, after, 20)).toEqual(all.slice(after, after + 20));
    }
    const pages = rowsOf(sql)
      .map(({ page }) => page ?? 0)
      .join("");
    expect(pages).toMatch(/01.*111/);
    expect(pages).toMatch(/10+1.*10+1/);
  }));

test("a page under a new key stands for rows under the old one", () =>
  inStorage((open) => {
    const other = `b:${btoa(String.fromCharCode(...new Uint8Array(32).fill(2)))}`;
    const events = [created, ...Array.from({ length: 20 }, (_, index) => note(index + 2, `note ${index}`))];
    const [old, young] = [open(SECRET), events.splice(9)];
    for (const event of events) old.commit(commitOf([event]));
    const rotated = open(`${other},${SECRET}`);
    rotated.load();
    for (const event of young) rotated.commit(commitOf([event]));
    expect(eventsIn(open(`${other},${SECRET}`), 0, 100)).toEqual([...events, ...young]);
  }));
