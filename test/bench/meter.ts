/**
 * What an execution costs at the platform's list prices, counted on a server of its own: the meters take time, so nothing is
 * timed here.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import type { Counted } from "../support/billing/meter.ts";
import type { Usage } from "../support/billing/prices.ts";
import { dollarsPerMillion } from "../support/billing/prices.ts";
import { ask, cancelPlans, heldPlans, progressOf } from "./plan-work.ts";
import type { Program, Stage } from "./stage.ts";
import { executions, openStage } from "./stage.ts";

const PROGRAMS = {
  "sync one step": { program: { fn: "steps", input: { count: 1 }, calls: 0 }, wait: true, objects: 1 },
  "sync ten steps": { program: { fn: "steps", input: { count: 10 }, calls: 0 }, wait: true, objects: 1 },
  "ten effects": { program: { fn: "effects", input: { count: 10 }, calls: 10 }, wait: true, objects: 1 },
  "async start": { program: { fn: "steps", input: { count: 1 }, calls: 0 }, wait: false, objects: 1 },
  "with a child": { program: { fn: "parent", input: { count: 1 }, calls: 0 }, wait: true, objects: 2 },
} as const satisfies Readonly<
  Record<string, { readonly program: Program; readonly wait: boolean; readonly objects: number }>
>;
export type Metered = keyof typeof PROGRAMS;

export interface Cost extends Usage {
  readonly statements: number;
  /** Rows of the objects' own tables, and one for each alarm set or removed. */
  readonly rowsWritten: number;
  readonly syncs: number;
  /** Bytes that the execution's own object keeps. */
  readonly bytes: number;
  readonly dollarsPerMillion: number;
}

/** A day of waiting for a person, after the wait has begun. */
export interface WaitingDay extends Pick<Cost, "rowsWritten" | "registryRows" | "objectCalls" | "dollarsPerMillion"> {
  readonly alarms: number;
}

const EXECUTIONS = 50;
/** The registry has acknowledged by then. */
const AFTERMATH_MS = 250;
/** So has the alarm gone off that stood in case that it had not. */
const LAST_ALARM_MS = 6_000;

export async function meterPrograms(): Promise<{
  readonly costs: Readonly<Record<Metered, Cost>>;
  readonly day: WaitingDay;
  /** What an execution of a plan keeps of one event of an agent, rows beside the log too. */
  readonly eventBytes: number;
}> {
  const stage = await openStage("tmpfs", { metered: true });
  try {
    const costs: [string, Cost][] = [];
    for (const [name, { program, wait }] of Object.entries(PROGRAMS)) {
      const contender = executions(stage, program, { subject: stage.errand, wait });
      const asked = await contender.prepare(`meter ${name}`);
      await stage.load.ask({ ...asked, concurrency: 1, durationMs: 60_000, maxRequests: 1 });
      await sleep(AFTERMATH_MS);
      await look(stage);
      await stage.load.ask({ ...asked, concurrency: 1, durationMs: 60_000, maxRequests: EXECUTIONS });
      await sleep(LAST_ALARM_MS);
      costs.push([name, costOf(await look(stage), { executions: EXECUTIONS, bytes: await bytesOf(stage, asked) })]);
    }
    const day = await waitADay(stage);
    return { costs: Object.fromEntries(costs) as Record<Metered, Cost>, day, eventBytes: await eventBytes(stage) };
  } finally {
    await stage.close();
  }
}

async function look({ errand }: Stage): Promise<Counted> {
  return (await fetch(`${errand.url}/bench/meter`)).json() as Promise<Counted>;
}

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

async function startedBy({ url, method, headers, body }: Asked): Promise<string> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const { execution_id: id } = (await response.json()) as { readonly execution_id: string };
  return parseExecutionId(id)?.objectHex ?? "";
}

async function bytesOf({ errand }: Stage, asked: Asked): Promise<number> {
  const object = await startedBy(asked);
  await sleep(AFTERMATH_MS);
  return (await fetch(`${errand.url}/bench/bytes?object=${object}`)).json() as Promise<number>;
}

const EVENTS = { batches: 20, batch: 100 };

async function eventBytes({ errand }: Stage): Promise<number> {
  const agent = "meter_agent";
  const [id = ""] = await heldPlans(errand, agent, 1);
  const object = parseExecutionId(id)?.objectHex ?? "";
  const bytes = async () => (await fetch(`${errand.url}/bench/bytes?object=${object}`)).json() as Promise<number>;
  await sleep(AFTERMATH_MS);
  const before = await bytes();
  for (let n = 0; n < EVENTS.batches; n += 1)
    await ask(errand, `POST /api/executions/${id}/events`, progressOf(agent, EVENTS.batch));
  await sleep(AFTERMATH_MS);
  const after = await bytes();
  await cancelPlans(errand, [id], agent);
  return (after - before) / (EVENTS.batches * EVENTS.batch);
}

async function waitADay(stage: Stage): Promise<WaitingDay> {
  const program = { fn: "gate", input: { count: 1 }, calls: 0 };
  const asked = await executions(stage, program, { subject: stage.errand, wait: false }).prepare("meter a day");
  const object = await startedBy(asked);
  await sleep(AFTERMATH_MS);
  await look(stage);
  const alarms = (await (await fetch(`${stage.errand.url}/bench/day?object=${object}`)).json()) as number;
  await sleep(AFTERMATH_MS);
  const cost = costOf(await look(stage), { executions: 1, bytes: 0, requests: 0 });
  return { ...cost, alarms };
}

function costOf(
  counted: Counted,
  { executions: count, bytes, requests = 1 }: { readonly executions: number; bytes: number; requests?: number },
): Cost {
  const each = (total: number) => total / count;
  const usage: Usage = {
    requests,
    objectRows: each(counted.rowsWritten + counted.alarms),
    objectRowsRead: each(counted.rowsRead),
    registryRows: each(counted.registryRowsWritten),
    registryRowsRead: each(counted.registryRowsRead),
    objectCalls: each(counted.objectCalls),
    awakeSeconds: each(counted.awakeMs) / 1_000,
  };
  return {
    ...usage,
    statements: each(counted.statements),
    syncs: each(counted.syncs),
    rowsWritten: usage.objectRows,
    bytes,
    dollarsPerMillion: dollarsPerMillion(usage),
  };
}
