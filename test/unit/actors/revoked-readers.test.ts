/** Readers whose keys are revoked while they watch: what they are sent, when they are cut, and who is asked. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveFeed } from "../../../src/actors/executions/live-feed.ts";
import { KeysInForce } from "../../../src/actors/sockets/keys-in-force.ts";
import type { Command } from "../../../src/domain/execution/command.ts";
import type { KeyInForce } from "../../../src/domain/execution/principal.ts";
import type { Result } from "../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { DEFAULT_LIMITS } from "../../../src/domain/values/limits.ts";
import type { Log } from "../../support/log.ts";
import { running } from "../../support/log.ts";
import { HandRoom, HandSocket } from "../../support/sockets/hand-room.ts";

const BELIEVED_MS = 30_000;

/** The registry of keys as an object sees it: it takes its time, and may be away. */
class Ring {
  readonly revoked = new Set<string>();
  asked = 0;
  takesMs = 0;
  away = false;

  readonly ask = async (hash: string): Promise<Result<KeyInForce>> => {
    this.asked += 1;
    const untilMs = Date.now() + BELIEVED_MS;
    const isRevoked = this.revoked.has(hash);
    if (this.takesMs > 0) await new Promise((resolve) => setTimeout(resolve, this.takesMs));
    if (this.away) return refuse("unavailable", "the registry of keys did not answer");
    return isRevoked ? refuse("unauthorized", "this key was revoked") : accept({ hash, untilMs });
  };
}

/** One execution with readers of several keys. */
class Stage {
  readonly room = new HandRoom();
  readonly ring = new Ring();
  readonly log: Log = running();
  feed = this.#wake();

  /** What is in memory is forgotten; the sockets and their attachments stay. */
  hibernate(): void {
    this.feed = this.#wake();
  }

  join(hash: string | undefined, tags: readonly string[] = []): HandSocket {
    const { state } = this.log;
    if (!state) throw new Error("there is no execution");
    const view = {
      state,
      metadata: undefined,
      output: undefined,
      error: undefined,
      lastVerdict: undefined,
      why: undefined,
    };
    const key = hash === undefined ? {} : { key: { hash, untilMs: Date.now() + BELIEVED_MS } };
    const caller = { tenant: "t", subject: "ann", scopes: [], ...key };
    const wanted = { caller, after: state.seq, deltas: tags.includes("deltas"), batches: tags.includes("batches") };
    this.feed.accept({ ...view, attempts: [], openApprovals: [] }, [], wanted);
    return this.room.sockets.at(-1) ?? expect.fail("no socket");
  }

  note(message = "n"): void {
    this.#commit({ type: "add_note", message, tags: [], by: "ann" });
  }

  cancel(): void {
    this.#commit({ type: "cancel", by: "ann" });
  }

  #commit(command: Command): void {
    const from = this.log.events.length;
    expect(this.log.dispatch(command)).toMatchObject({ ok: true });
    if (this.log.state) this.feed.publish(this.log.events.slice(from), this.log.state);
  }

  #wake(): LiveFeed {
    return new LiveFeed(this.room.ctx, new KeysInForce(this.ring.ask), DEFAULT_LIMITS);
  }
}

/** Lets what was asked be answered. */
const answered = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const news = (socket: HandSocket) => socket.news().filter(({ type }) => type !== "execution_update");
const types = (socket: HandSocket) => news(socket).map(({ type }) => type);

let stage: Stage;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal(
    "WebSocketPair",
    class {
      readonly 0 = new HandSocket();
      readonly 1 = new HandSocket();
    },
  );
  vi.stubGlobal("WebSocketRequestResponsePair", class {});
  vi.stubGlobal("Response", class {});
  stage = new Stage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a reader's key", () => {
  test("is not asked for while it is believed, and is asked before the first frame after that", async () => {
    const socket = stage.join("k");
    await answered(BELIEVED_MS - 1);
    stage.note();
    expect([types(socket), stage.ring.asked]).toEqual([["snapshot", "event"], 0]);
    await answered(1);
    stage.note();
    expect(types(socket)).toEqual([]);
    await answered();
    expect([types(socket), stage.ring.asked]).toEqual([["event"], 1]);
  });

  test("is asked once for all its sockets and for all that is said meanwhile, which comes in order", async () => {
    const sockets = [stage.join("k"), stage.join("k"), stage.join("other")];
    for (const socket of sockets) socket.news();
    await answered(BELIEVED_MS);
    stage.ring.takesMs = 200;
    for (let i = 0; i < 5; i += 1) {
      stage.note(`${i}`);
      await answered(20);
    }
    await answered(200);
    expect(stage.ring.asked).toBe(2);
    const last = stage.log.state?.seq ?? 0;
    const seqs = [4, 3, 2, 1, 0].map((back) => last - back);
    for (const socket of sockets) expect(news(socket).map(({ event }) => (event as { seq: number }).seq)).toEqual(seqs);
  });

  test("that was revoked is sent nothing more, and its socket closes with 4401", async () => {
    const [gone, stays, local] = [stage.join("gone"), stage.join("stays"), stage.join(undefined)];
    for (const socket of [gone, stays, local]) socket.news();
    stage.ring.revoked.add("gone");
    await answered(BELIEVED_MS);
    stage.note();
    await answered();
    expect(types(gone)).toEqual(["closing"]);
    expect(gone.closedWith).toBe(4401);
    for (const socket of [stays, local]) expect([types(socket), socket.closedWith]).toEqual([["event"], undefined]);
  });

  test("is remembered through hibernation, and a silent socket is not woken to be asked", async () => {
    const socket = stage.join("k");
    socket.news();
    stage.hibernate();
    stage.ring.revoked.add("k");
    await answered(86_400_000);
    expect([stage.ring.asked, vi.getTimerCount(), socket.closedWith]).toEqual([0, 0, undefined]);
    stage.note("what nobody may read any more");
    await answered();
    expect([types(socket), socket.closedWith]).toEqual([["closing"], 4401]);
  });

  test("is asked before the end is told, and the end comes after what led to it", async () => {
    const [stays, gone] = [stage.join("stays"), stage.join("gone")];
    for (const socket of [stays, gone]) socket.news();
    stage.ring.revoked.add("gone");
    await answered(BELIEVED_MS);
    stage.ring.takesMs = 100;
    stage.note();
    stage.cancel();
    expect([stays.closedWith, stays.texts]).toEqual([undefined, []]);
    await answered(100);
    expect([types(stays), stays.closedWith]).toEqual([["event", "event"], 1000]);
    expect([types(gone), gone.closedWith]).toEqual([["closing"], 4401]);
  });

  test("that cannot be looked up is no reason to go on: its reader comes back later", async () => {
    const socket = stage.join("k");
    socket.news();
    await answered(BELIEVED_MS);
    stage.ring.away = true;
    stage.note();
    await answered();
    expect([types(socket), socket.closedWith]).toEqual([["closing"], 1013]);
  });

  test("that is looked up for too long does not fill the object's memory", async () => {
    const socket = stage.join("k");
    socket.news();
    await answered(BELIEVED_MS);
    stage.ring.takesMs = 60_000;
    for (let i = 0; i < 40 && socket.closedWith === undefined; i += 1) stage.note("x".repeat(100_000));
    expect([types(socket), socket.closedWith]).toEqual([["closing"], 1013]);
    await answered(60_000);
    expect(socket.texts).toEqual([]);
  });
});

type Step =
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "note" }
  | { readonly do: "hibernate" }
  | { readonly do: "revoke"; readonly key: string }
  | { readonly do: "join"; readonly key: string }
  | { readonly do: "slow"; readonly ms: number };

const key = fc.constantFrom("a", "b", "c");
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: 0, max: 40_000 }) }),
    fc.constantFrom<Step[]>({ do: "note" }, { do: "note" }, { do: "hibernate" }),
    fc.record({ do: fc.constant("revoke"), key }),
    fc.record({ do: fc.constant("join"), key }),
    fc.record({ do: fc.constant("slow"), ms: fc.constantFrom(0, 50, 5_000) }),
  ),
  { maxLength: 40 },
);

test("whatever happens: nothing is sent 30 seconds after a revocation, and who stays misses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      vi.setSystemTime(1_000_000);
      const one = new Stage();
      const revokedAtMs = new Map<string, number>();
      const readers: { key: string; socket: HandSocket; from: number; seqs: number[] }[] = [];
      const look = () => {
        for (const { key: of, socket, seqs } of readers) {
          const events = news(socket).filter(({ type }) => type === "event");
          seqs.push(...events.map(({ event }) => (event as { seq: number }).seq));
          if (events.length === 0) continue;
          // Not when it is looked at: a wait may be longer than the answer that let it go.
          const { lastSentAtMs } = socket;
          expect(lastSentAtMs - (revokedAtMs.get(of) ?? lastSentAtMs)).toBeLessThan(BELIEVED_MS);
        }
      };
      for (const step of drawn) {
        if (step.do === "note") one.note();
        else if (step.do === "hibernate") {
          // The platform waits for what is in flight.
          await answered(5_000);
          one.hibernate();
        } else if (step.do === "slow") one.ring.takesMs = step.ms;
        else if (step.do === "wait") await answered(step.ms);
        else if (step.do === "revoke") {
          one.ring.revoked.add(step.key);
          if (!revokedAtMs.has(step.key)) revokedAtMs.set(step.key, Date.now());
        } else if (!revokedAtMs.has(step.key))
          readers.push({ key: step.key, socket: one.join(step.key), from: one.log.state?.seq ?? 0, seqs: [] });
        look();
      }
      await answered(10_000);
      look();
      const last = one.log.state?.seq ?? 0;
      for (const { key: of, socket, from, seqs } of readers) {
        const all = Array.from({ length: last - from }, (_, at) => from + at + 1);
        expect(seqs).toEqual(all.slice(0, seqs.length));
        if (!revokedAtMs.has(of)) expect([seqs, socket.closedWith]).toEqual([all, undefined]);
      }
    }),
    { numRuns: 150 },
  );
});
