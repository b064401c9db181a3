/**
 * The Worker under test with a meter for rows: the same classes, and the platform's own `exec`, `setAlarm` and D1
 * `run` counted on their way. For a run of its own: the meter costs time, so nothing is timed with it.
 */

import type { Env } from "../../src/worker.ts";
import worker, { LedgerActor, ExecutionActor as PlainExecution } from "../../src/worker.ts";

export { LedgerActor };

const METER = { statements: 0, rowsWritten: 0, rowsRead: 0, alarms: 0, registryRows: 0, syncs: 0 };
export type Meter = typeof METER;

const metered = new WeakSet<object>();

/** Puts a meter on a method of a platform class, once for all its instances. */
function meter<T extends object>(instance: T, method: keyof T, measure: (result: never) => void): void {
  const prototype = Object.getPrototypeOf(instance);
  const original = prototype[method];
  prototype[method] = function (this: T, ...given: unknown[]) {
    const result = original.apply(this, given);
    measure(result as never);
    return result;
  };
}

function meterObject(storage: DurableObjectStorage): void {
  if (metered.has(Object.getPrototypeOf(storage))) return;
  metered.add(Object.getPrototypeOf(storage));
  meter(storage.sql, "exec", (cursor: SqlStorageCursor<never>) => {
    METER.statements += 1;
    METER.rowsWritten += cursor.rowsWritten;
    METER.rowsRead += cursor.rowsRead;
  });
  meter(storage, "sync", () => {
    METER.syncs += 1;
  });
  // The platform bills each as one row.
  for (const method of ["setAlarm", "deleteAlarm"] as const) {
    meter(storage, method, () => {
      METER.alarms += 1;
    });
  }
}

function meterRegistry(database: D1Database): void {
  if (metered.has(database)) return;
  metered.add(database);
  const count = ({ meta }: D1Result) => {
    METER.registryRows += meta.rows_written;
  };
  meter(database.prepare("SELECT 1"), "run", (result: Promise<D1Result>) => void result.then(count));
  meter(database, "batch", (results: Promise<D1Result[]>) => void results.then((all) => all.forEach(count)));
}

export class ExecutionActor extends PlainExecution {
  constructor(ctx: DurableObjectState, env: Env) {
    meterObject(ctx.storage);
    meterRegistry(env.REGISTRY);
    super(ctx, env);
  }
}

/** `GET /bench/meter`: what was counted since the last look. */
export const counted = {
  ...worker,
  fetch: (request: Request, env: Env, ctx: ExecutionContext) => {
    if (new URL(request.url).pathname !== "/bench/meter") return worker.fetch(request, env, ctx);
    const seen = { ...METER };
    for (const name of Object.keys(METER) as (keyof Meter)[]) METER[name] = 0;
    return Response.json(seen);
  },
};
