/** The asynchronous context of the little platform. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Scope } from "../../../../src/engine/ports.ts";

const storage = new AsyncLocalStorage<object | undefined>();
export const SCOPE: Scope = { run: (value, fn) => storage.run(value, fn), current: () => storage.getStore() };
