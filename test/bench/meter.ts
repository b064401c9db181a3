/** Rows and statements an execution costs, counted on a server of its own: the meter takes time, so nothing is timed here. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Meter } from "./counted-worker.ts";
import type { Program } from "./stage.ts";
import { executions, openStage } from "./stage.ts";

const PROGRAMS = {
  "sync one step": { program: { fn: "steps", input: { count: 1 }, calls: 0 }, wait: true },
  "sync ten steps": { program: { fn: "steps", input: { count: 10 }, calls: 0 }, wait: true },
  "ten effects": { program: { fn: "effects", input: { count: 10 }, calls: 10 }, wait: true },
  "async start": { program: { fn: "steps", input: { count: 1 }, calls: 0 }, wait: false },
} as const satisfies Readonly<Record<string, { readonly program: Program; readonly wait: boolean }>>;
export type Metered = keyof typeof PROGRAMS;

export interface Cost {
  readonly statements: number;
  /** Rows of the object's own tables, and one for each alarm set or removed. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
  readonly registryRows: number;
}

const EXECUTIONS = 50;
/** The registry has acknowledged by then. */
const AFTERMATH_MS = 250;

export async function meterPrograms(): Promise<Readonly<Record<Metered, Cost>>> {
  const stage = await openStage("tmpfs", { metered: true });
  const look = async () => (await fetch(`${stage.errand.url}/bench/meter`)).json() as Promise<Meter>;
  try {
    const costs: [string, Cost][] = [];
    for (const [name, { program, wait }] of Object.entries(PROGRAMS)) {
      const contender = executions(stage, program, { subject: stage.errand, wait });
      const asked = await contender.prepare(`meter ${name}`);
      await stage.load.ask({ ...asked, concurrency: 1, durationMs: 60_000, maxRequests: 1 });
      await sleep(AFTERMATH_MS);
      await look();
      await stage.load.ask({ ...asked, concurrency: 1, durationMs: 60_000, maxRequests: EXECUTIONS });
      await sleep(AFTERMATH_MS);
      costs.push([name, costOf(await look())]);
    }
    return Object.fromEntries(costs) as Record<Metered, Cost>;
  } finally {
    await stage.close();
  }
}

function costOf({ statements, rowsWritten, rowsRead, alarms, registryRows }: Meter): Cost {
  return {
    statements: statements / EXECUTIONS,
    rowsWritten: (rowsWritten + alarms) / EXECUTIONS,
    rowsRead: rowsRead / EXECUTIONS,
    registryRows: registryRows / EXECUTIONS,
  };
}
