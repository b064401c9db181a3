/** The rows of one execution in real SQLite: what is sealed in them, and what happens to them when keys change. */
import { applyD1Migrations, evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, inject, test } from "vitest";
import { SqliteStore } from "../../src/actors/executions/journal.ts";
import { opened } from "../../src/actors/storage/opened.ts";
import type { OpenApproval } from "../../src/domain/execution/approval.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { STATE_VERSION } from "../../src/domain/execution/state.ts";
import { approvalChangeOf } from "../../src/domain/fold/approval.ts";
import { fold } from "../../src/domain/fold/evolve.ts";
import type { OutboxRow } from "../../src/engine/ports.ts";
import { parseEncryptionKeys } from "../../src/vault/encryption-keys.ts";
import { Vault } from "../../src/vault/vault.ts";
import { ORIGIN } from "../support/log.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { call, hasEnded, until, violations } from "../support/workers/modes.ts";
import { appended, commitOf, created, eventsIn, note } from "../support/workers/stored.ts";

const A = `a:${btoa(String.fromCharCode(...new Uint8Array(32).fill(1)))}`;
const B = `b:${btoa(String.fromCharCode(...new Uint8Array(32).fill(2)))}`;

function sealerOf(secret: string) {
  const parsed = parseEncryptionKeys(secret);
  if (!parsed.ok) throw new Error(parsed.problem);
  return new Vault(parsed.keys).sealerOf("object");
}

/** A fresh object's storage, as a store sees it under some keys, again and again. */
function inStorage(work: (open: (secret: string) => SqliteStore, sql: SqlStorage) => void): Promise<void> {
  const stub = env.EXECUTIONS.get(env.EXECUTIONS.newUniqueId());
  return runInDurableObject(stub, (_, { storage }) =>
    work((secret) => new SqliteStore(storage, sealerOf(secret)), storage.sql),
  );
}

const message: OutboxRow = { message: { to: "registry", seq: 1 }, attempts: 0, nextAtMs: 5 };
const start = (childId: string): [string, OutboxRow] => [
  `child:start:${childId}`,
  { message: { to: "child", verb: "start", childId, seq: 1 }, attempts: 0, nextAtMs: 5 },
];
/** Ten messages: eight lie in the newest row of the log, the others in their table. */
const many = new Map([["registry", message] as const, ...[..."abcdefghi"].map(start)]);
const types = (sql: SqlStorage) =>
  sql
    .exec(
      "SELECT typeof(content) AS t FROM log WHERE content <> '' UNION ALL SELECT typeof(name) FROM timers UNION ALL SELECT typeof(message) FROM outbox",
    )
    .toArray()
    .map(({ t }) => t);

const gate = (seq: number, gateId: string, payload: string) => {
  const data = {
    key: gateId,
    name: gateId,
    gateId,
    kind: "pause",
    payload,
    payloadDigest: payload,
    onReject: "continue",
  };
  return { seq, atMs: seq, actor: "ann", v: 1, type: "gate.opened", data } as Event;
};

function timersIn(store: SqliteStore): Map<string, number> {
  store.load();
  return new Map([...store.timers.until(Number.POSITIVE_INFINITY)].map(({ name, atMs }) => [name, atMs]));
}

function rowOf(event: Event): [string, OpenApproval] {
  const state = fold([created]);
  const { opened: row } = state ? approvalChangeOf(event, state) : {};
  if (!row) throw new Error("no gate");
  return [row.gateId, row];
}

describe("rows of an execution", () => {
  test("are sealed in every column that can hold words, and read as they were", () =>
    inStorage((open, sql) => {
      const setTimers = new Map([["sleep:claim of Ann", 9]]);
      open(A).commit(commitOf([created], { setTimers, putMessages: many }));
      expect(types(sql)).toEqual(["blob", "blob", "blob", "blob"]);
      const again = open(A);
      expect(again.load()).toMatchObject({
        state: { origin: { id: ORIGIN.id } },
        outbox: many,
      });
      expect(timersIn(again)).toEqual(setTimers);
      expect(eventsIn(again, 0, 10)).toEqual([created]);
      again.commit(commitOf([], { clearTimers: ["sleep:claim of Ann"], removeMessages: [...many.keys()] }));
      expect(types(sql)).toEqual(["blob"]);
      expect(open(A).load()).toMatchObject({ outbox: new Map() });
      expect(timersIn(open(A))).toEqual(new Map());
    }));

  test("of one place do not open in another", () =>
    inStorage((open, sql) => {
      const store = open(A);
      store.commit(commitOf([created]));
      store.commit(commitOf([note(2, "second")]));
      sql.exec("UPDATE log SET content = (SELECT content FROM log WHERE last_seq = 1) WHERE last_seq = 2");
      expect(opened(() => eventsIn(open(A), 0, 10))).toMatchObject({ ok: false, code: "unreadable" });
      sql.exec("INSERT INTO log (last_seq, content) SELECT 0, content FROM log WHERE last_seq = 1");
      expect(opened(() => open(A).load())).toMatchObject({ ok: false, code: "unreadable" });
    }));

  test("go on under a new key, and need the old one for as long as the log has rows of it", () =>
    inStorage((open, sql) => {
      open(A).commit(
        commitOf([created], {
          setTimers: new Map([
            ["sleep:x", 9],
            ["sleep:y", 10],
          ]),
        }),
      );
      const rotated = open(`${B},${A}`);
      rotated.load();
      rotated.commit(commitOf([note(2, "young")], { clearTimers: ["sleep:x"], setTimers: new Map([["sleep:y", 11]]) }));
      expect(timersIn(open(`${B},${A}`))).toEqual(new Map([["sleep:y", 11]]));
      expect(eventsIn(open(`${B},${A}`), 0, 10)).toHaveLength(2);
      // Its state is b's by now: only the list of keys in it tells that half the log could not be read.
      sql.exec("DELETE FROM timers");
      expect(opened(() => open(B).load())).toMatchObject({
        ok: false,
        code: "encryption_key_missing",
        detail: expect.stringContaining('"a"'),
      });
      // What is kept no longer needs no key.
      const last = open(`${B},${A}`);
      last.load();
      const archived = {
        seq: 3,
        atMs: 3,
        actor: "system",
        v: 1,
        type: "log.archived",
        data: { retentionMs: 1 },
      } as Event;
      last.commit({ ...commitOf([note(2, "young"), archived]), events: [appended(archived)], forgetLog: true });
      expect(opened(() => open(B).load())).toMatchObject({ ok: true });
      expect(eventsIn(open(B), 0, 10)).toEqual([archived]);
    }));

  test("of a time without encryption are read, and what follows is sealed; and the other way round", () =>
    inStorage((open, sql) => {
      open("off").commit(commitOf([created], { setTimers: new Map([["sleep:x", 9]]), putMessages: many }));
      expect(types(sql)).toEqual(["text", "text", "text", "text"]);
      const store = open(A);
      expect(timersIn(store)).toEqual(new Map([["sleep:x", 9]]));
      store.commit(commitOf([note(2, "sealed")], { clearTimers: ["sleep:x"], removeMessages: [...many.keys()] }));
      expect(types(sql)).toEqual(["text", "blob"]);
      const off = open(`off,${A}`);
      expect(timersIn(off).size).toBe(0);
      off.commit(commitOf([note(2, "sealed"), note(3, "plain")].slice(1)));
      expect(eventsIn(open(`off,${A}`), 0, 10).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(opened(() => open("off").load())).toMatchObject({ ok: false, code: "encryption_key_missing" });
    }));

  test("are one for a commit: the newest says what the registry is owed", () =>
    inStorage((open, sql) => {
      const store = open(A);
      store.commit(commitOf([created], { putMessages: new Map([["registry", message]]) }));
      const again = open(A);
      again.load();
      again.commit(commitOf([note(2, "still owed")]));
      expect(sql.exec("SELECT count(*) AS n FROM log").one()).toEqual({ n: 2 });
      expect(open(A).load().outbox).toEqual(new Map([["registry", message]]));
    }));

  test("of a commit are all written, or none", () =>
    inStorage((open, sql) => {
      const setTimers = new Map([["sleep:x", 9]]);
      const store = open(A);
      store.commit(commitOf([created], { setTimers }));
      sql.exec("CREATE TRIGGER full BEFORE INSERT ON timers BEGIN SELECT RAISE(ABORT, 'no room'); END");
      const commit = commitOf([note(2, "lost")]);
      expect(() => store.commit({ ...commit, setTimers: new Map([["sleep:y", 10]]) })).toThrow("no room");
      expect(sql.exec("SELECT count(*) AS n FROM log").one()).toEqual({ n: 1 });
      store.commit(commit);
      expect(open(A).load()).toMatchObject({ state: { seq: 2 } });
      expect(timersIn(open(A))).toEqual(setTimers);
    }));

  test("are read whatever newer code wrote into them, and keep it through pages and a rollback", () =>
    inStorage((open, sql) => {
      const newer = { ...note(2, "x"), v: 2, data: { message: "x", tags: [], mood: "blue" } } as unknown as Event;
      const unknown = { ...note(3, ""), v: 2, type: "mood.changed", data: { to: "blue" } } as unknown as Event;
      const broken = { ...note(4, ""), v: 2, data: { message: 5 } } as unknown as Event;
      const odd = [created, newer, unknown, broken];
      for (const secret of ["off", A]) {
        sql.exec("DROP TABLE IF EXISTS log");
        const store = open(secret);
        const state = fold([created]);
        if (!state) throw new Error("no state");
        for (const event of odd) store.commit({ ...commitOf([]), events: [appended(event)], state });
        const again = open(secret);
        expect(again.load().state).toMatchObject({ seq: 4, status: "pending" });
        expect(eventsIn(again, 0, 10).map(({ type }) => type)).toEqual([
          "execution.created",
          "note.added",
          "mood.changed",
          "event.unreadable",
        ]);
        for (let seq = 5; seq <= 40; seq += 1)
          again.commit({ ...commitOf([]), events: [appended(note(seq, "y"))], state: { ...state, seq } });
        // A page repeats them now.
        expect(sql.exec("SELECT count(*) AS n FROM log WHERE page = 1").one()).not.toEqual({ n: 0 });
        const read = eventsIn(open(secret), 0, 100);
        expect(read).toHaveLength(40);
        expect(read[1]).toEqual(newer);
        expect(read[2]).toEqual(unknown);
        expect(read[3]?.data).toEqual({ stored: broken });
      }
    }));

  test("hold a snapshot that is refolded when other code wrote it", () =>
    inStorage((open, sql) => {
      const events = [created, ...Array.from({ length: 39 }, (_, index) => note(index + 2, "n"))];
      const store = open("off");
      for (const [index, event] of events.entries()) {
        const state = fold(events.slice(0, index + 1));
        if (!state) throw new Error("no state");
        store.commit({ ...commitOf([]), events: [appended(event)], state });
      }
      const state = fold(events);
      const [row] = sql.exec<{ content: string }>("SELECT content FROM log WHERE last_seq = 0").toArray();
      const [, head = "", json = ""] = row?.content.split("\n") ?? [];
      for (const snapshot of [
        `${STATE_VERSION + 1}\n${head}\n${json}`,
        `${STATE_VERSION}\n${head}\n${JSON.stringify({ ...JSON.parse(json), status: "dreaming" })}`,
        `${STATE_VERSION}\n\n{`,
        `${STATE_VERSION}\n\nnull`,
      ]) {
        sql.exec("UPDATE log SET content = ? WHERE last_seq = 0", snapshot);
        expect(open("off").load().state).toEqual(state);
      }
      // What was folded from the first row on goes on like any other.
      const again = open("off");
      again.load();
      for (let seq = 41; seq <= 80; seq += 1)
        again.commit({ ...commitOf([]), events: [appended(note(seq, "z"))], state: { ...state, seq } as never });
      expect(open("off").load().state?.seq).toBe(80);
      expect(eventsIn(open("off"), 0, 100).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 80 }, (_, index) => index + 1),
      );
    }));

  test("of open gates are sealed, and read one at a time under an id of any words", () =>
    inStorage((open, sql) => {
      const [first, second] = [gate(2, "constructor", "pay Ann"), gate(3, "__proto__", "pay Bob")];
      const store = open(A);
      store.commit(commitOf([created, first, second], { putApprovals: new Map([rowOf(first), rowOf(second)]) }));
      expect(sql.exec("SELECT id, typeof(content) AS t FROM gates ORDER BY id").toArray()).toEqual([
        { id: "__proto__", t: "blob" },
        { id: "constructor", t: "blob" },
      ]);
      const again = open(A);
      expect(again.load().state?.gates).toMatchObject({ open: 2, opened: 2 });
      expect(again.approvals.get("constructor")).toEqual(rowOf(first)[1]);
      expect(again.approvals.get("toString")).toBeUndefined();
      expect(again.approvals.first(1).map(({ gateId }) => gateId)).toEqual(["constructor"]);
      again.commit(commitOf([], { removeApprovals: ["constructor"] }));
      expect(again.approvals.first(9).map(({ gateId }) => gateId)).toEqual(["__proto__"]);
      sql.exec("UPDATE gates SET id = 'other'");
      expect(opened(() => open(A).approvals.get("other"))).toMatchObject({ ok: false, code: "unreadable" });
    }));

  test("of open gates come back out of a log that was written without them", () =>
    inStorage((open, sql) => {
      const asked = [gate(2, "first", "pay Ann"), gate(3, "second", "pay Bob")] as const;
      open(A).commit(commitOf([created, ...asked]));
      const again = open(A);
      again.load();
      expect(again.approvals.get("second")).toEqual(rowOf(asked[1])[1]);
      expect(again.approvals.first(9)).toEqual(asked.map((event) => rowOf(event)[1]));
      again.commit(commitOf([note(4, "later")], { removeApprovals: ["first"] }));
      expect(sql.exec("SELECT id FROM gates").toArray()).toEqual([{ id: "second" }]);
      expect(again.approvals.first(9).map(({ gateId }) => gateId)).toEqual(["second"]);
      expect(open(A).approvals.get("first")).toBeUndefined();
    }));

  test("of a tombstone say who it was, whoever wrote them", () =>
    inStorage((open, sql) => {
      const archived = { ...note(2, ""), type: "log.archived", data: { retentionMs: 1 } } as unknown as Event;
      open("off").commit(commitOf([created]));
      const last = open("off");
      last.load();
      last.commit({ ...commitOf([archived]), events: [appended(archived)], forgetLog: true });
      const { content } = sql.exec<{ content: string }>("SELECT content FROM log WHERE last_seq = 0").one();
      sql.exec("UPDATE log SET content = ? WHERE last_seq = 0", `9${content.slice(1)}`);
      expect(open("off").load().state).toMatchObject({ origin: { id: ORIGIN.id }, archivedAtMs: 2 });
    }));

  test("few messages lie in the log, wherever they began; what is in the table stays there until it is acknowledged", () =>
    inStorage((open, sql) => {
      const store = open(A);
      store.commit(commitOf([created], { putMessages: many }));
      const tabled = () => sql.exec("SELECT id FROM outbox ORDER BY id").toArray().length;
      expect(tabled()).toBe(2);
      // Postponed where it lies; room in the row is for new ones.
      const later = { ...start("i")[1], attempts: 1, nextAtMs: 9 };
      store.commit(
        commitOf([note(2, "x")], { removeMessages: ["registry"], putMessages: new Map([["child:start:i", later]]) }),
      );
      store.commit(commitOf([note(3, "y")], { putMessages: new Map([start("j")]) }));
      expect(tabled()).toBe(2);
      const again = open(A);
      expect(new Set(again.load().outbox.keys())).toEqual(new Set([...[...many.keys()].slice(1), "child:start:j"]));
      expect(again.load().outbox.get("child:start:i")).toEqual(later);
      again.commit(commitOf([note(4, "z")], { removeMessages: [..."abcdefghij"].map((id) => `child:start:${id}`) }));
      expect([tabled(), open(A).load().outbox.size]).toEqual([0, 0]);
    }));

  test("an acknowledged message writes no state", () =>
    inStorage((open, sql) => {
      const store = open(A);
      store.commit(commitOf([created], { putMessages: new Map([["registry", message]]) }));
      const rows = () => sql.exec("SELECT hex(content) FROM log ORDER BY last_seq").toArray();
      const before = rows();
      store.commit(commitOf([], { removeMessages: ["registry"] }));
      expect(rows()).toEqual(before);
      expect(open(A).load().outbox.size).toBe(0);
    }));

  test("give the state from the last snapshot on, whenever it is opened again, also under another key", () =>
    inStorage((open, sql) => {
      const events = [created, ...Array.from({ length: 79 }, (_, index) => note(index + 2, `note ${index}`))];
      const snapshots = new Set<string>();
      let store = open(A);
      for (const [index, event] of events.entries()) {
        const state = fold(events.slice(0, index + 1));
        if (!state) throw new Error("no state");
        store.commit({ ...commitOf([]), events: [appended(event)], state });
        const [snapshot] = sql.exec("SELECT hex(content) AS h FROM log WHERE last_seq = 0").toArray();
        if (snapshot) snapshots.add(String(snapshot.h));
        // Reopened at every third commit, so with any number of rows behind the snapshot.
        if (index % 3 === 0) store = open(index < 40 ? A : `${B},${A}`);
        expect(store.load().state).toEqual(state);
        expect(eventsIn(store, Math.max(0, index - 1), 10).map(({ seq }) => seq)).toEqual(
          index === 0 ? [1] : [index, index + 1],
        );
      }
      // One each time that more than sixteen rows lay behind.
      expect(snapshots.size).toBe(4);
      // The last one is b's, and says that rows before it are a's.
      expect(opened(() => open(B).load())).toMatchObject({ ok: false, code: "encryption_key_missing" });
    }));
});

describe("an execution whose key is not configured", () => {
  const lost = (state: string) => {
    const key = `lost:${btoa(String.fromCharCode(...new Uint8Array(32).fill(9)))}`;
    const parsed = parseEncryptionKeys(key);
    if (!parsed.ok) throw new Error(parsed.problem);
    return new Vault(parsed.keys).sealerOf("somebody").seal(state, "core");
  };

  test("keeps an alarm, writes nothing, says which key it needs, and goes on when it is there", async () => {
    await applyD1Migrations(env.REGISTRY, inject("migrations"));
    const started = await call("POST", "/api/v1/execute/async/approvals.demo", { input: { claim: "c", amount: 1 } });
    const id = started.body.execution_id;
    await until("plain", id, ({ body }) => body.status === "waiting");
    const stub = () => env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
    await runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec("INSERT INTO log (last_seq, content) VALUES (0, ?)", lost("{}"));
    });
    await evictAllDurableObjects();
    await runDurableObjectAlarm(stub());
    const alarmAtMs = await runInDurableObject(stub(), (_, { storage }) => storage.getAlarm());
    expect(alarmAtMs).toBeGreaterThan(Date.now() + 200_000);
    expect(alarmAtMs).toBeLessThanOrEqual(Date.now() + 300_000);

    for (const path of ["", "/events", "/log", "/effects", "/invariants", "/approval-status"]) {
      const { status, body } = await exchange("GET", `/api/v1/executions/${id}${path}`);
      expect([path, status, body.code]).toEqual([path, 503, "encryption_key_missing"]);
      expect(body.detail).toContain('the key "lost"');
    }
    const socket = await exchange("GET", `/api/v1/executions/${id}/stream`, { upgrade: "websocket" });
    expect([socket.status, socket.body.code]).toEqual([503, "encryption_key_missing"]);
    const cancel = await exchange("POST", `/api/v1/executions/${id}/cancel`);
    expect([cancel.status, cancel.body.code]).toEqual([503, "encryption_key_missing"]);

    await runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec("DELETE FROM log WHERE last_seq = 0");
    });
    await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
    expect((await until("plain", id, hasEnded)).body.status).toBe("succeeded");
    expect(await violations(id)).toEqual([]);
  });
});

async function exchange(method: string, path: string, headers: Record<string, string> = {}) {
  const response = await exports.default.fetch(new Request(`http://localhost${path}`, { method, headers }));
  return { status: response.status, body: (await response.json()) as { code: string; detail: string } };
}

test("a deployment that names no keys serves nobody but health, which says to its operator how to set them", async () => {
  const deployment = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_ENCRYPTION_KEYS: "" });
  const health = await deployment.call("GET", "/health", { key: ROOT_KEY });
  expect([health.status, health.body]).toMatchObject([503, { status: "unhealthy" }]);
  expect(JSON.stringify(health.body.checks)).toContain("not ready: this deployment has no ERRAND_ENCRYPTION_KEYS");
  for (const [method, path] of [
    ["GET", "/api/v1/executions"],
    ["POST", "/api/v1/execute/clock.remind"],
  ] as const) {
    const { status, body } = await deployment.call(method, path, {
      key: ROOT_KEY,
      ...(method === "POST" ? { body: { input: {} } } : {}),
    });
    expect([status, body.code]).toEqual([503, "encryption_not_ready"]);
    expect(body.detail).toContain("wrangler secret put ERRAND_ENCRYPTION_KEYS");
  }
  expect((await deployment.call("GET", "/api/v1/executions")).status).toBe(401);
});
