/**
 * A `Context` in memory for testing programs without an engine: it owns a clock that moves only in `sleep`, answers every
 * ask at once and writes down what was asked. It knows no journal, no replay and no crash; those are tested on the engine.
 */
import type { AgentDefinition, FunctionDefinition, Json, Verdict } from "../../../src/define/index.ts";
import { check, StepError } from "../../../src/define/index.ts";
import type { ProgramContext } from "../../../src/define/program-context.ts";
import { toJson } from "../../../src/domain/values/json.ts";

export interface MemoryContext extends ProgramContext {
  /** What was asked for, in order: `step chunk`, `effect reserve`, `call agent.function`, `pause claim`. */
  readonly asked: readonly string[];
  readonly reports: readonly unknown[];
  readonly pauses: readonly Json[];
  readonly sleptMs: number;
}

interface Scripted {
  readonly verdicts?: readonly Verdict[];
  /** Agents that `ctx.call` finds. */
  readonly agents?: readonly AgentDefinition[];
}

/** 2026-01-01T00:00:00Z; time passes only in `sleep`. */
const START_MS = Date.UTC(2026, 0, 1);

/** A context without a journal: asks are answered at once, effects are tried as often as their policy allows. */
export function memoryContext({ verdicts = [], agents = [] }: Scripted = {}): MemoryContext {
  const asked: string[] = [];
  const reports: unknown[] = [];
  const pauses: Json[] = [];
  const waiting = [...verdicts];
  const signal = new AbortController().signal;
  const scratchpad = { record: () => {}, read: () => undefined, clear: () => {} };
  let sleptMs = 0;
  const handed = { signal, scratchpad, now: () => START_MS + sleptMs, random: () => 0.5 };

  const refuse = (): never => {
    throw new Error("not part of this double");
  };
  const ctx: MemoryContext = {
    executionId: "exec_memory",
    ownedBy: { tenant: "local", owner: "local" },
    runId: "run_memory",
    parentExecutionId: undefined,
    sessionId: undefined,
    actorId: undefined,
    abortSignal: signal,
    scratchpad,
    files: [],
    memory: {
      get: refuse,
      set: refuse,
      delete: refuse,
      list: refuse,
      setVector: refuse,
      deleteVector: refuse,
      search: refuse,
    },
    records: { read: refuse, write: refuse, hasEnded: refuse },
    external: refuse,
    asked,
    reports,
    pauses,
    get sleptMs() {
      return sleptMs;
    },
    async step(name, fn) {
      asked.push(`step ${name}`);
      return toJson(await fn({ ...handed, attempt: 1, idempotencyKey: name })) as never;
    },
    async effect(...[name, , options, fn]) {
      for (let attempt = 1; ; attempt += 1) {
        asked.push(`effect ${name}`);
        try {
          return toJson(await fn({ ...handed, attempt, idempotencyKey: name })) as never;
        } catch (error) {
          if (attempt >= (options.maxAttempts ?? 1)) throw new StepError("runtime_error", String(error));
        }
      }
    },
    async call<T>(target: string, input: Json) {
      asked.push(`call ${target}`);
      const [agentId, name] = target.split(".");
      const agent = agents.find(({ id }) => id === agentId);
      if (!agent || !name) throw new StepError("not_found", target);
      return (await run(agent, name, { input, ctx })) as T;
    },
    async pause(request = {}) {
      asked.push(`pause ${request.name}`);
      pauses.push(request.payload ?? null);
      return waiting.shift() ?? refuse();
    },
    waitForApproval: refuse,
    async sleep(until) {
      sleptMs += until instanceof Date ? until.getTime() - START_MS - sleptMs : until;
    },
    now: () => START_MS + sleptMs,
    random: () => 0.5,
    patched: () => true,
    setAttributes: async () => undefined,
    progress: async (report) => void reports.push(report),
    note: async () => {},
    generate: refuse,
    turn: refuse,
    digest: refuse,
    services: {},
    tool: refuse,
    sayAttempt: async () => {},
    signal: refuse,
    all: refuse,
    race: refuse,
    within: refuse,
    fail: refuse,
  };
  return ctx;
}

interface Run {
  readonly input: unknown;
  readonly ctx?: ProgramContext;
}

/** Parses the input, runs the program, parses the output: as the engine does. */
export async function run(
  agent: AgentDefinition,
  name: string,
  { input, ctx = memoryContext() }: Run,
): Promise<unknown> {
  const fn = agent.functions.get(name);
  if (!fn) throw new StepError("not_found", `${agent.id}.${name}`);
  const parsed = await parse(fn, "input", input);
  return parse(fn, "output", await fn.program(parsed as never, ctx));
}

async function parse(fn: FunctionDefinition, side: "input" | "output", value: unknown): Promise<unknown> {
  const checked = await check(fn[side], value);
  if (!checked.ok) throw new StepError("validation_failed", `${side} of ${fn.name}: ${JSON.stringify(checked.errors)}`);
  return checked.value;
}
