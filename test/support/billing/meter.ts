/**
 * Counts what the platform bills: rows of objects and of the index, alarms, calls of objects and how long they take. It puts
 * meters on the platform's own methods, once an isolate; nothing is timed beside it, because it costs time itself.
 */
const COUNTED = {
  statements: 0,
  rowsWritten: 0,
  rowsRead: 0,
  /** Alarms set or removed: the platform bills each as one row written. */
  alarms: 0,
  syncs: 0,
  registryRowsWritten: 0,
  registryRowsRead: 0,
  /** Calls, fetches and alarms that reached an object. */
  objectCalls: 0,
  /** Milliseconds in which an object worked on a call: the least for which it is awake. */
  awakeMs: 0,
};
export type Counted = typeof COUNTED;

const metered = new WeakSet<object>();

export const peekCounted = (): Counted => ({ ...COUNTED });

/** Everything that was counted since the last call. */
export function takeCounted(): Counted {
  const seen = { ...COUNTED };
  for (const name of Object.keys(COUNTED) as (keyof Counted)[]) COUNTED[name] = 0;
  return seen;
}

function meter<T extends object>(instance: T, method: keyof T & string, measure: (result: never) => void): void {
  const prototype = Object.getPrototypeOf(instance);
  const original = prototype[method];
  prototype[method] = function (this: T, ...given: unknown[]) {
    const result = original.apply(this, given);
    measure(result as never);
    return result;
  };
}

export function meterObjects(storage: DurableObjectStorage): void {
  if (metered.has(Object.getPrototypeOf(storage))) return;
  metered.add(Object.getPrototypeOf(storage));
  meter(storage.sql, "exec", (cursor: SqlStorageCursor<never>) => {
    COUNTED.statements += 1;
    COUNTED.rowsWritten += cursor.rowsWritten;
    COUNTED.rowsRead += cursor.rowsRead;
  });
  meter(storage, "sync", () => {
    COUNTED.syncs += 1;
  });
  for (const method of ["setAlarm", "deleteAlarm"] as const) {
    meter(storage, method, () => {
      COUNTED.alarms += 1;
    });
  }
}

export function meterRegistry(database: D1Database): void {
  if (metered.has(Object.getPrototypeOf(database))) return;
  metered.add(Object.getPrototypeOf(database));
  const count = ({ meta }: D1Result) => {
    COUNTED.registryRowsWritten += meta.rows_written;
    COUNTED.registryRowsRead += meta.rows_read;
  };
  const statement = database.prepare("SELECT 1");
  for (const method of ["run", "all"] as const)
    meter(statement, method, (result: Promise<D1Result>) => void result.then(count, () => {}));
  meter(
    database,
    "batch",
    (results: Promise<D1Result[]>) =>
      void results.then(
        (all) => all.forEach(count),
        () => {},
      ),
  );
}

/** Counts the calls of a class of objects: its own methods, which callers reach by name. */
export function meterCalls(actor: { readonly prototype: object }): void {
  const prototype = actor.prototype as Record<string, unknown>;
  if (metered.has(prototype)) return;
  metered.add(prototype);
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const original = prototype[name];
    if (name === "constructor" || typeof original !== "function") continue;
    prototype[name] = function (this: unknown, ...given: unknown[]) {
      COUNTED.objectCalls += 1;
      const begun = Date.now();
      const result = original.apply(this, given);
      const over = () => {
        COUNTED.awakeMs += Date.now() - begun;
      };
      if (result instanceof Promise) void result.then(over, over);
      return result;
    };
  }
}
