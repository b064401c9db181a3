/** Server-sent events in the words of AgentField: of an execution, of a run, and of all that a caller lists. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { call, hasEnded, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

interface Sent {
  readonly id: number | undefined;
  readonly event: string | undefined;
  readonly data: {
    readonly type: string;
    readonly execution_id: string;
    readonly status: string;
    readonly data: unknown;
  };
}

const EVENTS = { accept: "text/event-stream" };
const ask = (path: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(new Request(`http://localhost${path}`, { headers: { ...EVENTS, ...headers } }));

function sent(text: string): Sent {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
  const id = field("id");
  return {
    id: id === undefined ? undefined : Number(id),
    event: field("event"),
    data: JSON.parse(field("data") ?? "null"),
  };
}

/** Each frame as it comes, without heartbeats. */
async function* framesOf(response: Response): AsyncGenerator<Sent> {
  let text = "";
  for await (const piece of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const frame = text.slice(0, end);
      text = text.slice(end + 2);
      if (!frame.startsWith(":")) yield sent(frame);
    }
  }
}

async function all(path: string, headers: Record<string, string> = {}): Promise<Sent[]> {
  const response = await ask(path, headers);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const frames: Sent[] = [];
  for await (const frame of framesOf(response)) frames.push(frame);
  return frames;
}

const start = async (target: string, input: unknown, run?: string) => {
  const headers: Record<string, string> = run === undefined ? {} : { "x-run-id": run };
  const init = { method: "POST", body: JSON.stringify({ input }), headers };
  const answer = await exports.default.fetch(new Request(`http://localhost/api/v1/execute/async/${target}`, init));
  return ((await answer.json()) as { readonly execution_id: string }).execution_id;
};
const waiting = (id: string) => until("plain", id, ({ body }) => body.status === "waiting");
const approve = (id: string) => call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });

describe("the events of an execution with from", () => {
  test("are a snapshot, then what happened and happens, to the end", async () => {
    const id = await start("approvals.demo", { claim: "c", amount: 1 });
    await waiting(id);
    const reading = all(`/api/v1/executions/${id}/events?from=0`);
    await approve(id);
    const frames = await reading;
    expect(frames.every(({ event, data }) => event === "execution" && data.execution_id === id)).toBe(true);
    expect(frames[0]).toMatchObject({ id: 0, data: { type: "execution_updated", data: { target: "approvals.demo" } } });
    const told = frames.slice(1).map(({ data }) => `${data.type} ${data.status}`);
    expect(told[0]).toBe("execution_created pending");
    expect(told).toContain("execution_waiting waiting");
    expect(told).toContain("execution_approval_resolved waiting");
    expect(told.at(-1)).toBe("execution_completed succeeded");
    expect(frames[0]?.data).toMatchObject({ agent_node_id: "approvals", workflow_id: expect.stringMatching(/^run_/) });
    const ids = frames.map((frame) => frame.id ?? -1);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    // A reader that comes back has what it had.
    const rest = await all(`/api/v1/executions/${id}/events?from=0`, { "last-event-id": String(ids.at(-2)) });
    expect(rest.map(({ data }) => data.type)).toEqual(["execution_updated", "execution_completed"]);
  });

  test("without it have their own names, as before", async () => {
    const id = await start("clock.remind", { message: "m", seconds: 0 });
    await until("plain", id, hasEnded);
    expect((await all(`/api/v1/executions/${id}/events`)).map(({ event }) => event)).toContain("execution.succeeded");
  });
});

describe("the events of a run", () => {
  test("are those of all its executions, and end with the last of them: not with a child's end", async () => {
    const run = "run_of_two";
    const first = await start("approvals.demo", { claim: "c", amount: 1 }, run);
    const second = await start("clock.remind", { message: "m", seconds: 0 }, run);
    await waiting(first);
    await until("plain", second, hasEnded);
    // A stream of a run begins with what the index knows.
    await expect
      .poll(async () => {
        const { body } = await call("GET", `/api/v1/executions?run_id=${run}`);
        return (body.items as { status: string }[]).map(({ status }) => status).sort();
      })
      .toEqual(["succeeded", "waiting"]);
    const stream = framesOf(await ask(`/api/v1/executions/${run}/events`));
    const known = [(await stream.next()).value as Sent, (await stream.next()).value as Sent];
    expect(known.map(({ data }) => `${data.execution_id} ${data.type}`).sort()).toEqual(
      [`${first} execution_waiting`, `${second} execution_completed`].sort(),
    );
    await approve(first);
    const last: string[] = [];
    for await (const { event, data } of stream) last.push(`${event} ${data.execution_id} ${data.type}`);
    expect(last.at(-1)).toBe(`execution ${first} execution_completed`);
  });

  test("that has ended are what it is made of; of one that is not there, 404", async () => {
    const id = await start("clock.remind", { message: "m", seconds: 0 }, "run_of_one");
    await until("plain", id, hasEnded);
    expect((await all("/api/v1/executions/run_of_one/events?from=0")).map(({ data }) => data.type)).toEqual([
      "execution_completed",
    ]);
    expect((await ask("/api/v1/executions/run_of_none/events")).status).toBe(404);
  });
});

test("all that a caller lists comes without names, after a word that the connection stands", async () => {
  const response = await ask("/api/ui/v1/executions/events");
  const stream = framesOf(response);
  expect((await stream.next()).value).toEqual({ id: undefined, event: undefined, data: { type: "connected" } });
  const seen = (async () => {
    for await (const { id, event, data } of stream) if (data.type === "execution_completed") return { id, event, data };
    return undefined;
  })();
  // The feed stands when its first change comes: others follow until it does.
  for (let n = 0, done = false; !done && n < 100; n += 1) {
    await start("clock.remind", { message: `m${n}`, seconds: 0 });
    done = await Promise.race([seen.then(() => true), new Promise<false>((on) => setTimeout(() => on(false), 300))]);
  }
  expect(await seen).toMatchObject({
    ...{ id: undefined, event: undefined },
    data: { agent_node_id: "clock", status: "succeeded", data: { target: "clock.remind" } },
  });
  await stream.return(undefined);
});
