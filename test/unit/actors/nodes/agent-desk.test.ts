/** What the directory of agents makes of an offer: polls are woken by the newest one of each execution, and by no older one. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AgentDesk } from "../../../../src/actors/nodes/agent-desk.ts";
import type { AgentRecord } from "../../../../src/domain/node/polling-agent.ts";
import type { WorkOffer } from "../../../../src/domain/node/work-offer.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";

const ANN = { tenant: "t", subject: "ann", scopes: ["execute" as const] };
const record = (id: string, webhookUrl: string | null): AgentRecord => ({
  ...{ name: id, role: null, pollEndpoint: null, webhookUrl, webhookSecret: null },
  capabilities: [{ action: "send_email", params: {}, idempotent: false }],
});
const offer = (seq: number, more: Partial<WorkOffer> = {}): WorkOffer => ({
  ...{ tenant: "t", executionId: "exec_1", seq, isOpen: true, createdAtMs: 0 },
  ...{ actions: ["send_email"], ready: 1, roles: [], agents: [], lapses: [], ...more },
});

/** Larry and Moe wait, in this order; Curly has an address and does not wait. `waitedMs`: for so long Larry does. */
function desk({ waitedMs = 1 } = {}) {
  const now = Date.now();
  const woken: string[] = [];
  const pushed: string[] = [];
  const waiting = [
    { id: "larry", sinceMs: now - waitedMs },
    { id: "moe", sinceMs: now },
  ].map(({ id, sinceMs }) => ({
    ...{ id, readyState: 1, deserializeAttachment: () => sinceMs },
    send: () => void woken.push(id),
  }));
  const tagOf = (socket: unknown) => `poll:${(socket as { readonly id: string }).id}`;
  const ctx = {
    storage: new ObjectStorage().storage,
    waitUntil: () => {},
    getTags: (socket: WebSocket) => [tagOf(socket)],
    getWebSockets: (tag?: string) => waiting.filter((socket) => tag === undefined || tagOf(socket) === tag),
  } as unknown as DurableObjectState;
  const made = new AgentDesk({
    ...{ ctx, limits: DEFAULT_LIMITS, now: () => Date.now(), log: () => {} },
    sealer: new Vault({ sealing: undefined, opening: new Map() }).sealerOf("tests"),
    outbound: async ({ url }) => {
      pushed.push(url);
      return { ok: true, status: 204, headers: new Map(), body: "" };
    },
  });
  for (const id of ["larry", "moe", "curly"]) {
    const address = id === "curly" ? "https://agents.example.com/curly" : null;
    expect(made.add(ANN, id, { record: record(id, address), isActive: true }).ok).toBe(true);
  }
  return { made, woken: () => woken.splice(0), pushed: () => pushed.splice(0) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("an offer goes past a poll that lost its router", () => {
  const { made, woken } = desk({ waitedMs: 60_000 });
  made.hear(offer(1));
  expect(woken()).toEqual(["moe"]);
});

it("a poll of a user who did not register the agent is refused, and nothing is remembered of it", () => {
  const { made, pushed } = desk();
  const BOB = { tenant: "t", subject: "bob", scopes: ["execute" as const, "read" as const] };
  made.hear(offer(1));
  expect(pushed()).toHaveLength(1);
  for (const ask of [made.workFor(BOB, "curly", undefined), made.wait(BOB, "curly", undefined)])
    expect(ask).toMatchObject({ ok: false, code: "forbidden_scope" });
  // It has not polled: it is not told again within the minute.
  made.hear(offer(2));
  expect(pushed()).toEqual([]);
  expect(made.workFor(ANN, "curly", undefined).ok).toBe(true);
  made.hear(offer(3));
  expect(pushed()).toHaveLength(1);
});

describe("an offer that was overtaken by a newer one", () => {
  it("does not stop that the work of the newer one is passed on", async () => {
    const { made, woken } = desk();
    made.hear(offer(2));
    expect(woken()).toEqual(["larry"]);
    made.hear(offer(1, { ready: 0, actions: [] }));
    await vi.advanceTimersByTimeAsync(300);
    expect(woken()).toEqual(["moe"]);
  });

  it("wakes no poll and tells no agent", () => {
    const { made, woken, pushed } = desk();
    made.hear(offer(2, { ready: 0, actions: [] }));
    made.hear(offer(1));
    made.hear(offer(1, { ready: 0, actions: [], agents: ["larry"] }));
    expect([woken(), pushed()]).toEqual([[], []]);
    made.hear(offer(3));
    expect([woken(), pushed()]).toEqual([["larry"], ["https://agents.example.com/curly"]]);
  });
});
