/** What the sockets of one execution are sent, and when: each by its kind, at once or gathered under a backlog. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveFeed } from "../../../../src/actors/executions/live-feed.ts";
import type { Subscription } from "../../../../src/actors/rpc/subscription.ts";
import { KeysInForce } from "../../../../src/actors/sockets/keys-in-force.ts";
import { CLOSE_SLOW, isCheck } from "../../../../src/contract/stream/flow-control.ts";
import type { Command } from "../../../../src/domain/execution/command.ts";
import type { Event } from "../../../../src/domain/execution/event.ts";
import type { Limits } from "../../../../src/domain/values/limits.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import type { Log } from "../../../support/log.ts";
import { running } from "../../../support/log.ts";
import { HandRoom, HandSocket } from "../../../support/sockets/hand-room.ts";

const BATCHED = ["deltas", "batches"];
const note = (message: string): Command => ({ type: "add_note", message, tags: [], by: "ann" });
const percent = (value: number): Command => ({
  type: "report_progress",
  key: `p${value}`,
  progress: { percent: value },
});

/** One execution with sockets, and what is committed to it. */
class Stage {
  readonly room = new HandRoom();
  readonly feed: LiveFeed;
  readonly log: Log = running();

  constructor(limits: Partial<Limits> = {}) {
    const keys = new KeysInForce(async () => expect.fail("no reader came with a key"));
    this.feed = new LiveFeed(this.room.ctx, keys, { ...DEFAULT_LIMITS, ...limits });
    // Nobody watches yet: what every first commit says of the status is said.
    this.commit();
  }

  /** What these commands add, as one commit. */
  commit(...commands: readonly Command[]): readonly Event[] {
    const from = this.log.events.length;
    for (const command of commands) expect(this.log.dispatch(command)).toMatchObject({ ok: true });
    const events = this.log.events.slice(from);
    const { state } = this.log;
    if (state) this.feed.publish(events, state);
    return events;
  }

  view() {
    const { state } = this.log;
    if (!state) throw new Error("there is no execution");
    const nothing = {
      metadata: undefined,
      output: undefined,
      error: undefined,
      lastVerdict: undefined,
      why: undefined,
    };
    return { ...nothing, state, attempts: [], openApprovals: [] };
  }
}

/** The seqs of the events that a socket was sent, text by text. */
function seqsOf(socket: HandSocket): number[][] {
  return socket.news().flatMap(({ type, event, events }) => {
    if (type === "event") return [[(event as Event).seq]];
    return type === "events" ? [(events as Event[]).map(({ seq }) => seq)] : [];
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a commit", () => {
  test("is a text for each event, or one for all of them; the update comes last in both", () => {
    const stage = new Stage();
    const plain = stage.room.join(["deltas"]);
    const batched = stage.room.join(BATCHED);
    stage.commit(note("one"), note("two"), percent(10));
    expect(plain.news().map(({ type }) => type)).toEqual(["event", "event", "event", "execution_update"]);
    const [events, update, ...more] = batched.news();
    expect(events).toMatchObject({ type: "events", events: [{ seq: 4 }, { seq: 5 }, { seq: 6 }] });
    expect(update).toMatchObject({ type: "execution_update", seq: 6, progress: { percent: 10 } });
    expect(more).toEqual([]);
  });

  test("of one event is the frame that every reader knows", () => {
    const stage = new Stage();
    const batched = stage.room.join(BATCHED);
    stage.commit(note("one"));
    expect(batched.news()).toMatchObject([{ type: "event", event: { seq: 4, data: { message: "one" } } }]);
  });

  test("is masked in a batch as it is alone", () => {
    const stage = new Stage();
    const masked = stage.room.join(["masked", "batches"]);
    const whole = stage.room.join(BATCHED);
    stage.commit(note("ask olga@example.com"), note("or otto@example.com"));
    expect(masked.news()).toMatchObject([
      {
        type: "events",
        events: [{ data: { message: "ask o***@e***.com" } }, { data: { message: "or o***@e***.com" } }],
      },
    ]);
    expect(whole.texts.join()).toContain("otto@example.com");
  });
});

describe("a backlog", () => {
  /** A hundred readers, and as many commits as are sent at once. */
  function crowded(): { stage: Stage; plain: HandSocket; batched: HandSocket } {
    const stage = new Stage();
    const plain = stage.room.join(["deltas"]);
    const batched = stage.room.join(BATCHED);
    for (let more = 0; more < 98; more += 1) stage.room.join(BATCHED);
    for (let commits = 0; commits < 5; commits += 1) stage.commit(note("at once"));
    expect(seqsOf(plain)).toEqual([[4], [5], [6], [7], [8]]);
    expect(seqsOf(batched)).toEqual([[4], [5], [6], [7], [8]]);
    return { stage, plain, batched };
  }

  test("gathers what follows for 50 ms, and sends it in order, with the newest update only", () => {
    const { stage, plain, batched } = crowded();
    stage.commit(note("a"), percent(10));
    vi.advanceTimersByTime(30);
    stage.commit(note("b"), percent(20));
    expect([...plain.texts, ...batched.texts]).toEqual([]);
    vi.advanceTimersByTime(19);
    expect([...plain.texts, ...batched.texts]).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(batched.news()).toMatchObject([
      { type: "events", events: [{ seq: 9 }, { seq: 10 }, { seq: 11 }, { seq: 12 }] },
      { type: "execution_update", seq: 12, progress: { percent: 20 } },
    ]);
    expect(plain.news().map(({ type }) => type)).toEqual(["event", "event", "event", "event", "execution_update"]);
  });

  test("is over when the pace slows down: then everything goes out at once again", () => {
    const { stage, batched } = crowded();
    vi.advanceTimersByTime(50);
    stage.commit(note("calm"));
    expect(seqsOf(batched)).toEqual([[9]]);
  });

  test("keeps nobody waiting for the end", () => {
    const { stage, batched } = crowded();
    stage.commit(note("a"));
    stage.commit({ type: "succeed", output: null });
    expect(seqsOf(batched)).toEqual([[9, 10]]);
    expect(batched.closedWith).toBe(1000);
  });

  test("shows a newcomer nothing twice, and lets nobody miss anything", () => {
    const { stage, batched } = crowded();
    stage.commit(note("a"), note("b"));
    const newcomer = new HandSocket();
    stubUpgrade(newcomer);
    const caller = { tenant: "t", subject: "ann", scopes: ["approve" as const] };
    const watcher: Subscription = { caller, after: 4, deltas: true, batches: true };
    stage.feed.accept(stage.view(), stage.log.events.slice(4), watcher);
    stage.commit(note("c"));
    vi.advanceTimersByTime(50);
    expect(seqsOf(newcomer).flat()).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(seqsOf(batched).flat()).toEqual([9, 10, 11]);
  });

  test("holds a turn's text where it belongs: before the event that ends the turn", () => {
    const { stage, batched } = crowded();
    const turn = { key: "t", kind: "turn", name: "t", attempt: 1 } as const;
    stage.commit({ type: "start_entry", ...turn });
    stage.feed.delta({ turn: "t", try: 1, offset: 0, text: "Hello" });
    stage.commit({ type: "finish_entry", ...turn, outcome: { ok: true, value: {} } });
    vi.advanceTimersByTime(50);
    const told = batched.news().map(({ type, event, text }) => (type === "event" ? (event as Event).type : text));
    expect(told).toEqual(["turn.started", "Hello", "turn.completed"]);
  });
});

describe("a reader that lags", () => {
  const answering = { flow: { sent: 0, read: 0, answers: true } };

  test("gets what it could not take yet as one batch, after 50 ms or as soon as it answers", () => {
    const stage = new Stage();
    const slow = stage.room.join(BATCHED, answering);
    const quick = stage.room.join(BATCHED, answering);
    stage.commit(note("x".repeat(300 * 1024)));
    expect(slow.texts).toHaveLength(2);
    const check = quick.texts[1] ?? "";
    expect(JSON.parse(check)).toMatchObject({ type: "check" });
    slow.news();
    quick.news();
    stage.commit(note("a"), percent(1));
    stage.commit(note("b"), percent(2));
    expect([...slow.texts, ...quick.texts]).toEqual([]);
    stage.feed.acknowledge(quick as unknown as WebSocket, check);
    const gathered = [
      { type: "events", events: [{ seq: 5 }, { seq: 6 }, { seq: 7 }, { seq: 8 }] },
      { type: "execution_update", seq: 8 },
    ];
    expect(quick.news()).toMatchObject(gathered);
    expect(slow.texts).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(slow.news()).toMatchObject(gathered);
  });

  test("is cut when it is full, batches or not", () => {
    const stage = new Stage();
    const full = stage.room.join(BATCHED, answering);
    for (let commits = 0; full.closedWith === undefined && commits < 100; commits += 1) {
      stage.commit(note("x".repeat(40 * 1024)), note("y".repeat(40 * 1024)));
      vi.advanceTimersByTime(50);
    }
    expect(full.closedWith).toBe(CLOSE_SLOW);
    expect(full.texts.at(-1)).toContain('"type":"closing"');
    expect(full.texts.join("").length).toBeLessThan(2.1 * 1024 * 1024);
  });
});

describe("a crowd whose readers all read", () => {
  /** Each answers what it was asked, some commits later. */
  function answers(stage: Stage, sockets: readonly HandSocket[]): void {
    for (const socket of sockets)
      for (const text of socket.texts.splice(0))
        if (isCheck(text)) stage.feed.acknowledge(socket as unknown as WebSocket, text);
  }

  test.each([
    { readers: 100, size: 150, late: 1 },
    { readers: 200, size: 400, late: 10 },
    { readers: 200, size: 20, late: 50 },
  ])("of $readers is cut nowhere, and each has the whole log: $size characters, $late commits late", (crowd) => {
    const stage = new Stage();
    const sockets = Array.from({ length: crowd.readers }, () => stage.room.join(BATCHED));
    const seen = sockets.map(() => new Set<number>());
    const commits = Math.ceil((600 * 1024) / (crowd.size + 250));
    for (let nth = 1; nth <= commits; nth += 1) {
      stage.commit(note("x".repeat(crowd.size)));
      vi.advanceTimersByTime(10);
      if (nth % crowd.late > 0) continue;
      for (const [place, socket] of sockets.entries())
        for (const text of socket.texts)
          for (const [, seq] of text.matchAll(/"seq":(\d+),"type"/g)) seen[place]?.add(Number(seq));
      answers(stage, sockets);
    }
    expect(sockets.filter(({ closedWith }) => closedWith !== undefined)).toEqual([]);
    // A few of the last ones are still gathered.
    expect(Math.min(...seen.map(({ size }) => size))).toBeGreaterThan(commits - crowd.late - 10);
  });

  test("keeps its place although one of them never answers: that one is cut in the end", () => {
    const stage = new Stage({ unreadBytes: 1024 * 1024 });
    const silent = stage.room.join(BATCHED);
    const sockets = Array.from({ length: 20 }, () => stage.room.join(BATCHED));
    for (let nth = 1; nth <= 1_000; nth += 1) {
      stage.commit(note("x".repeat(1_000)));
      vi.advanceTimersByTime(10);
      answers(stage, sockets);
    }
    expect(silent.closedWith).toBe(CLOSE_SLOW);
    expect(sockets.filter(({ closedWith }) => closedWith !== undefined)).toEqual([]);
  });
});

test("whose token has ended is sent away when the object is awake anyway, and nobody else", () => {
  const stage = new Stage();
  const flow = { sent: 0, read: 0, answers: false };
  const over = stage.room.join(BATCHED, { expiresAtMs: Date.now(), flow });
  const other = stage.room.join(BATCHED, { expiresAtMs: Date.now() + 1, flow });
  const keyed = stage.room.join(BATCHED);
  stage.feed.closeExpired();
  expect([over.closedWith, other.closedWith, keyed.closedWith]).toEqual([4401, undefined, undefined]);
});

/** What an upgrade needs of the platform and Node has not. */
function stubUpgrade(server: HandSocket): void {
  vi.stubGlobal("WebSocketPair", function WebSocketPair() {
    return { 0: new HandSocket(), 1: server };
  });
  vi.stubGlobal("WebSocketRequestResponsePair", class {});
  vi.stubGlobal("Response", class {});
}

test("a reader whose missed events cannot be read is refused, and its socket does not stay open", () => {
  const pair = { 0: new HandSocket(), 1: new HandSocket() };
  vi.stubGlobal(
    "WebSocketPair",
    class {
      readonly 0 = pair[0];
      readonly 1 = pair[1];
    },
  );
  vi.stubGlobal("WebSocketRequestResponsePair", class {});
  const stage = new Stage();
  const [first] = stage.commit(note("kept"));
  if (!first) throw new Error("nothing was committed");
  const missed = function* missed() {
    yield first;
    throw new Error("the row cannot be opened");
  };
  const caller = { tenant: "t", subject: "ann", scopes: ["read"] as const };
  const accept = () => stage.feed.accept(stage.view(), missed(), { caller, deltas: true, batches: true } as never);
  expect(accept).toThrow("cannot be opened");
  expect([pair[1].readyState, pair[1].closedWith]).toEqual([2, 1011]);
  vi.unstubAllGlobals();
});
