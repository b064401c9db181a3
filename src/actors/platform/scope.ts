import { AsyncLocalStorage } from "node:async_hooks";
import type { Scope } from "../../engine/ports.ts";

/** The platform's asynchronous context (`nodejs_compat`). One for all executions of the isolate: each knows its own marks. */
export function platformScope(): Scope {
  const storage = new AsyncLocalStorage<object | undefined>();
  return { run: (value, fn) => storage.run(value, fn), current: () => storage.getStore() };
}
