import { describe, expect, test } from "vitest";
import { callActor, isRepeatable } from "../../../src/actors/platform/call-actor.ts";
import { executionClient } from "../../../src/actors/platform/execution-client.ts";
import { projectorClient } from "../../../src/actors/platform/projector-client.ts";
import { accept, GIVEN_UP, refuse } from "../../../src/domain/values/fault.ts";

const flagged = (flags: object) => Object.assign(new Error("the object was reset"), flags);
const RETRYABLE = flagged({ retryable: true });

/** Stubs of which the first `breaks` break. */
function stubs(breaks: number, error: unknown) {
  let made = 0;
  return {
    make: () => {
      made += 1;
      const number = made;
      return { ask: async () => (number <= breaks ? Promise.reject(error) : `answer of ${number}`) };
    },
    made: () => made,
  };
}

describe("a call to another object", () => {
  const cases: readonly {
    readonly how: string;
    readonly error: unknown;
    readonly breaks?: number;
    readonly repeatable?: boolean;
    readonly says: string;
    readonly asked: number;
  }[] = [
    {
      how: "once more on a new way to it when the error is retryable",
      error: RETRYABLE,
      says: "answer of 2",
      asked: 2,
    },
    {
      how: "once more when its object was given up because its storage takes no writes",
      error: new Error(`${GIVEN_UP}: Error: disk full`),
      says: "answer of 2",
      asked: 2,
    },
    { how: "once more only", error: RETRYABLE, breaks: 2, says: "the object was reset", asked: 2 },
    {
      how: "not again when it is overloaded",
      error: flagged({ retryable: true, overloaded: true }),
      says: "the object was reset",
      asked: 1,
    },
    { how: "not again after any other error", error: new Error("a bug"), says: "a bug", asked: 1 },
    { how: "not again after what is no error", error: "text", says: "text", asked: 1 },
    {
      how: "not again when twice is not once",
      error: RETRYABLE,
      repeatable: false,
      says: "the object was reset",
      asked: 1,
    },
  ];
  test.each(cases)("is tried $how", async ({ error, breaks = 1, repeatable = true, says, asked }) => {
    const { make, made } = stubs(breaks, error);
    const call = (actor: { ask: () => Promise<string> }) => actor.ask();
    const said = await callActor({ actor: make, call, repeatable }).catch((thrown) =>
      String(thrown?.message ?? thrown),
    );
    expect([said, made()]).toEqual([says, asked]);
  });
});

/** A namespace whose every object breaks at the first call of each method, as a deployment breaks them. */
function deploying() {
  const calls = new Map<string, number>();
  const actor = new Proxy(
    {},
    {
      get: (_, method: string) => async () => {
        const count = (calls.get(method) ?? 0) + 1;
        calls.set(method, count);
        if (count === 1) throw RETRYABLE;
        return method === "fetch" ? new Response(null) : accept({});
      },
    },
  );
  const id = { toString: () => "0" };
  const namespace = {
    get: () => actor,
    idFromName: () => id,
    idFromString: () => id,
  } as unknown as DurableObjectNamespace;
  return { namespace, calls };
}

describe("while a deployment takes objects away", () => {
  const caller = { tenant: "t", subject: "ann", scopes: [] } as never;

  test("no reader hears of it, at any door", async () => {
    const { namespace, calls } = deploying();
    const ids = { judge: () => "made", fresh: () => "", named: () => "" } as never;
    const known = { has: async () => true, claim: async () => {} };
    const unread = () => refuse("unavailable", "not read");
    const client = executionClient({ namespace, ids, known, trouble: unread, admit: () => undefined });
    const reads = ["view", "events", "approvals", "effects", "member", "archive", "invariants", "wake"] as const;
    for (const read of reads)
      expect(await client[read](caller, "own-id-1", {} as never), read).toMatchObject({ ok: true });
    expect((await client.stream(caller, "own-id-1", { after: 0, deltas: false, batches: false })).status).toBe(200);
    const command = { type: "create", origin: { id: "own-id-1" } } as never;
    expect(await client.start(caller, command, { holdMs: 0 })).toMatchObject({ ok: true });
    expect(new Set(calls.values())).toEqual(new Set([2]));
    expect(await client.dispatch(caller, "own-id-1", { type: "pause", by: "ann" })).toBeDefined();
  });

  test("rows reach the index, and a signal is not sent twice", async () => {
    const rows = deploying();
    await projectorClient(rows.namespace)({ kind: "execution", row: { tenant: "t", id: "exec_1" } });
    expect(rows.calls.get("record")).toBe(2);
    expect(["signal", "add_note", "cancel", "decide_gate"].map((type) => isRepeatable({ type } as never))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
