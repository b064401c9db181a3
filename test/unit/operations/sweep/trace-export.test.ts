/** Traces on their way to a collector: what it gets, what becomes of what it does not take, and that none is passed over. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { TraceBody } from "../../../../src/contract/executions/trace-body.ts";
import type { Span } from "../../../../src/domain/read-models/span.ts";
import { TraceReader } from "../../../../src/domain/read-models/trace.ts";
import { refuse } from "../../../../src/domain/values/fault.ts";
import { parseOtlpHeaders } from "../../../../src/domain/values/otlp-headers.ts";
import type { OutboundAnswer, OutboundFailure, OutboundRequest } from "../../../../src/domain/values/outbound.ts";
import { Refused } from "../../../../src/operations/executions/execution-logs.ts";
import { TraceExport } from "../../../../src/operations/sweep/trace-export.ts";
import { dueTraces, settleTraces, withTraceDue } from "../../../../src/registry/projection/due-traces.ts";
import { tenantsWithExecutions } from "../../../../src/registry/projection/expired.ts";
import { executionRow, project } from "../../../../src/registry/projection/projection.ts";
import { running } from "../../../support/log.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const taken: OutboundAnswer = { ok: true, status: 200, headers: new Map(), body: "{}" };
const answer = (status: number): OutboundAnswer => ({ ...taken, status });
const DOWN: OutboundFailure = { ok: false, kind: "unreachable", detail: "no answer came" };

/** The log of an execution that ended, and its row. */
function ended(tenant: string, id: string, more: object = {}) {
  const log = running();
  log.tell({ type: "succeed", output: 1 });
  const { state } = log;
  if (!state) throw new Error("there is no execution");
  const row = { ...executionRow(state, undefined), tenant, id, created_at_ms: Number(id.slice(5)), ...more };
  return { events: log.events, row: withTraceDue(row) };
}

class Collector {
  readonly got: { readonly url: string; readonly headers: unknown; readonly body: string }[] = [];
  answers: (nth: number) => OutboundAnswer | OutboundFailure = () => taken;

  post = async ({ url, headers, body = "" }: OutboundRequest) => {
    this.got.push({ url, headers, body });
    return this.answers(this.got.length);
  };

  /** Ids of the executions that it was sent, in order. */
  get ids(): string[] {
    return this.got.map(
      ({ body }) => /"errand.execution.id","value":\{"stringValue":"([^"]*)"/.exec(body)?.[1] ?? body,
    );
  }
}

function exporter(registry: RegistryDatabase, collector: Collector, spans = spansOf) {
  const logged: string[] = [];
  const made = new TraceExport({
    tenants: () => tenantsWithExecutions(registry.d1),
    due: (tenant, limit) => dueTraces(registry.d1, tenant, limit),
    settle: (tenant, sent) => settleTraces(registry.d1, tenant, sent),
    spans: (_caller, id) => spans(id),
    post: collector.post,
    collector: { url: "https://collector.example.com/v1/traces", headers: { authorization: "Bearer k" } },
    now: () => 0,
    log: ({ message }) => void logged.push(String(message)),
  });
  return { sweep: () => made.sweep(), logged };
}

async function* spansOf(id: string): AsyncGenerator<readonly Span[]> {
  const reader = new TraceReader(hash);
  for (const event of ended("t", "exec_1").events) {
    const named =
      event.type === "execution.created" ? { data: { ...event.data, origin: { ...event.data.origin, id } } } : {};
    reader.read({ ...event, ...named } as typeof event);
  }
  yield [...reader.taken(), ...reader.unended()];
}

async function registryOf(...rows: ReturnType<typeof ended>[]): Promise<RegistryDatabase> {
  const registry = new RegistryDatabase();
  await project(
    registry.d1,
    rows.map(({ row }) => row),
  );
  return registry;
}

describe("a collector", () => {
  test("gets each trace once, as OTLP says it in JSON, and what is the user's stays", async () => {
    const registry = await registryOf(
      ended("t", "exec_2", { attributes: '["customer=1"]' }),
      ended("t", "exec_1"),
      ended("u", "exec_3"),
    );
    const collector = new Collector();
    const { sweep } = exporter(registry, collector);
    expect(await sweep()).toBe(3);
    expect(collector.ids).toEqual(["exec_1", "exec_2", "exec_3"]);
    expect(await sweep()).toBe(0);
    const [first] = collector.got;
    expect(first).toMatchObject({
      url: "https://collector.example.com/v1/traces",
      headers: { "content-type": "application/json", authorization: "Bearer k" },
    });
    const document = TraceBody.strict().parse(JSON.parse(first?.body ?? ""));
    const [resource] = document.resourceSpans;
    expect(resource?.resource.attributes).toContainEqual({ key: "errand.tenant", value: { stringValue: "t" } });
    for (const span of resource?.scopeSpans[0]?.spans ?? []) {
      expect(span.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(span.spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
      expect([0, 1, 2]).toContain(span.status.code);
      expect([1, 2, 3, 4, 5]).toContain(span.kind);
    }
    const { results } = await registry.d1.prepare("SELECT id, attributes FROM executions ORDER BY id").all();
    expect(results).toEqual([
      { id: "exec_1", attributes: "[]" },
      { id: "exec_2", attributes: '["customer=1"]' },
      { id: "exec_3", attributes: "[]" },
    ]);
  });

  test("that is away gets all of them later; one request a tenant and sweep finds out", async () => {
    const registry = await registryOf(ended("t", "exec_1"), ended("t", "exec_2"), ended("u", "exec_3"));
    const collector = new Collector();
    for (const away of [DOWN, answer(503), answer(429)]) {
      collector.answers = () => away;
      const before = collector.got.length;
      expect(await exporter(registry, collector).sweep()).toBe(0);
      expect(collector.got.length - before).toBe(2);
    }
    collector.answers = () => taken;
    expect(await exporter(registry, collector).sweep()).toBe(3);
  });

  test("that refuses one for good is not sent it again, and the others go on", async () => {
    const registry = await registryOf(ended("t", "exec_1"), ended("t", "exec_2"));
    const collector = new Collector();
    collector.answers = (nth) => (nth === 1 ? answer(400) : taken);
    const { sweep, logged } = exporter(registry, collector);
    expect(await sweep()).toBe(1);
    expect(logged).toEqual(["the collector refused a trace"]);
    expect(await sweep()).toBe(0);
    expect(collector.ids).toEqual(["exec_1", "exec_2"]);
  });

  test("gets one twice where the process died before the mark went, with the same ids", async () => {
    const registry = await registryOf(ended("t", "exec_1"));
    const collector = new Collector();
    const { d1 } = registry;
    const dying = new TraceExport({
      tenants: async () => ["t"],
      due: (tenant, limit) => dueTraces(d1, tenant, limit),
      settle: () => Promise.reject(new Error("killed")),
      spans: (_caller, id) => spansOf(id),
      post: collector.post,
      collector: { url: "https://collector.example.com/v1/traces", headers: {} },
      now: () => 0,
      log: () => {},
    });
    await dying.sweep();
    await exporter(registry, collector).sweep();
    expect(collector.got).toHaveLength(2);
    expect(collector.got[1]?.body).toBe(collector.got[0]?.body);
  });

  test("gets what was noted after the end: a newer row is due again", async () => {
    const { row } = ended("t", "exec_1");
    const registry = await registryOf({ row, events: [] });
    const due = await dueTraces(registry.d1, "t", 10);
    await project(registry.d1, [{ ...row, seq: Number(row.seq) + 1 }]);
    await settleTraces(registry.d1, "t", due);
    expect(await dueTraces(registry.d1, "t", 10)).toEqual([{ id: "exec_1", seq: Number(row.seq) + 1 }]);
  });

  test("is not kept waiting for a log that cannot be read", async () => {
    const registry = await registryOf(ended("t", "exec_1"), ended("t", "exec_2"));
    const collector = new Collector();
    const broken = (id: string) => {
      if (id === "exec_1") throw new Error("gone");
      return spansOf(id);
    };
    const { sweep, logged } = exporter(registry, collector, broken);
    expect(await sweep()).toBe(1);
    expect(logged).toEqual(["a trace could not be read"]);
    // It is read again in the next minute.
    expect(await exporter(registry, collector).sweep()).toBe(1);
    expect(collector.ids).toEqual(["exec_2", "exec_1"]);
  });

  test.each([
    ["overloaded", 1],
    ["not_found", 0],
  ] as const)("gets a log that is refused as %s %i times later", async (code, times) => {
    const registry = await registryOf(ended("t", "exec_1"));
    const collector = new Collector();
    const refuses = (): never => {
      throw new Refused(refuse(code, "no"));
    };
    expect(await exporter(registry, collector, refuses).sweep()).toBe(0);
    expect(await exporter(registry, collector).sweep()).toBe(times);
  });
});

test("headers are written as OpenTelemetry writes them in settings", () => {
  expect(parseOtlpHeaders(" Authorization=Bearer%20a%3D, x-team = blue,,=x, odd=%zz")).toEqual({
    ...{ authorization: "Bearer a=", "x-team": "blue", odd: "%zz" },
  });
  expect(parseOtlpHeaders(undefined)).toEqual({});
});
