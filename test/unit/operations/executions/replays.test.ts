/** What a replayed run takes over of the run before: which headers count, and which execution is the same call. */
import { describe, expect, it } from "vitest";
import { formatExecutionId } from "../../../../src/domain/execution/execution-id.ts";
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { Reuse } from "../../../../src/domain/execution/reusable-result.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { Replays } from "../../../../src/operations/executions/replays.ts";
import { ORIGIN } from "../../../support/log.ts";

const PARENT = formatExecutionId({ objectHex: "1".repeat(64), shard: 0 });
const ANN: Principal = { tenant: "t", subject: "ann", scopes: ["execute"] };
const FOLLOWS = { id: "p0", runId: "before", reuse: "succeeded-before", inputChanged: false } as const;

interface Past {
  readonly id: string;
  readonly input?: Json;
  readonly context?: Json;
  readonly atMs?: number;
  readonly endedAtMs?: number;
  readonly status?: string;
  readonly owner?: string;
  readonly parentId?: string | null;
}

/** `past`: the executions of the run before; `parent`: the origin of the one that calls. */
function replays(past: readonly Past[], parent: Partial<Origin> = { restartedFrom: FOLLOWS }) {
  const rows = past.map(({ id, owner = "ann", status = "succeeded", atMs = 1, endedAtMs = 2, parentId = "p0" }) => ({
    summary: { id, agent: "n", fn: "f", owner, status, parentId, createdAtMs: atMs, finishedAtMs: endedAtMs },
  }));
  return new Replays({
    runs: { read: async () => ({ ok: true, value: { tree: { timeline: rows } } }) as never },
    client: {
      view: async () => ({ ok: true, value: { state: { origin: { ...ORIGIN, ...parent } } } }) as never,
      events: async (_, id) => {
        const { input = 1, context } = past.find((one) => one.id === id) ?? {};
        const data = { origin: { ...ORIGIN, id }, input, ...(context === undefined ? {} : { context }) };
        return { ok: true, value: { events: [{ type: "execution.created", data }] } } as never;
      },
    },
  });
}

interface Asked {
  readonly mode?: Reuse;
  readonly context?: Json;
  readonly runId?: string;
  readonly parentId?: string;
}

const askedOf = ({ mode, context, runId = "before", parentId = PARENT }: Asked) => ({
  ...{ agent: "n", fn: "f", input: 1, context },
  headers: {
    ...{ "x-agentfield-replay-source-run-id": runId, "x-parent-execution-id": parentId },
    ...(mode ? { "x-agentfield-replay-mode": mode } : {}),
  },
});
/** The execution that is taken over; "begins" where none is, "no replay" where the headers do not count. */
async function taken(of: Replays, asked: Asked = {}): Promise<string> {
  const { replay, restartedFrom } = await of.of(ANN, askedOf(asked) as never);
  return restartedFrom?.id ?? (replay ? "begins" : "no replay");
}

describe("headers of a replay", () => {
  it("count beneath a parent that follows the run that they name, or that was called in its replay", async () => {
    expect(await taken(replays([{ id: "a" }]))).toBe("a");
    const below = { replay: { runId: "before", mode: "all-succeeded" } } as const;
    expect(await taken(replays([{ id: "a" }], below))).toBe("a");
    expect(await taken(replays([{ id: "a" }], {}))).toBe("no replay");
    expect(await taken(replays([{ id: "a" }]), { runId: "another" })).toBe("no replay");
    expect(await taken(replays([{ id: "a" }]), { parentId: "chosen" })).toBe("no replay");
    expect(await taken(replays([{ id: "a" }]), { mode: "none" })).toBe("no replay");
  });
});

describe("the same call", () => {
  it("has the same input and context, succeeded, was called, and was the owner's", async () => {
    const others: readonly Past[] = [
      { id: "input", input: 2 },
      { id: "context", context: { a: 1 } },
      { id: "running", status: "running" },
      { id: "root", parentId: null },
      { id: "bob's", owner: "bob" },
    ];
    expect(await taken(replays(others))).toBe("begins");
    expect(await taken(replays([...others, { id: "same" }]))).toBe("same");
    expect(await taken(replays(others), { context: { a: 1 } })).toBe("context");
  });

  it("is the first of two; with succeeded-before it ended before the first failure of the owner's run", async () => {
    const failed = (endedAtMs: number, owner = "ann"): Past => ({ id: "x", status: "failed", endedAtMs, owner });
    const two = [
      { id: "late", atMs: 5, endedAtMs: 6 },
      { id: "early", atMs: 3, endedAtMs: 9 },
    ];
    expect(await taken(replays(two))).toBe("early");
    expect(await taken(replays([...two, failed(7)]))).toBe("late");
    expect(await taken(replays([...two, failed(6)]))).toBe("begins");
    expect(await taken(replays([...two, failed(6, "bob")]))).toBe("early");
    expect(await taken(replays([...two, failed(6)]), { mode: "all-succeeded" })).toBe("early");
  });
});
