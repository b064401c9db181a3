import { ProgramsAtWork, sentenceOf } from "./log/programs-at-work.ts";
import { StartingLog } from "./log/starting-log.ts";
import type { Served, ServerOptions } from "./server.ts";
import { serve } from "./server.ts";

/** Milliseconds that a stuck runtime is given to end; it may wait for answers that never come. */
const END_WITHIN_MS = 3_000;
const WATCH_MS = 20_000;

/**
 * Serves, and makes ready. A program that never rests is named and held back: the runtime begins again without it, as
 * often as there are such programs.
 */
export async function serveWithoutStuck(
  { neverRestsMs, ...options }: Omit<ServerOptions, "programs"> & { readonly neverRestsMs?: number },
  makeReady: (served: Served) => Promise<void>,
): Promise<Served> {
  const held: string[] = [];
  for (;;) {
    const programs = new ProgramsAtWork(neverRestsMs);
    const bindings = { ...options.bindings, ERRAND_WATCH_MS: String(WATCH_MS), ERRAND_HELD: held.join(" ") };
    const starting = new StartingLog();
    const served = await serve({ ...options, bindings, programs, starting });
    const over = new AbortController();
    const ready = makeReady(served).finally(() => over.abort());
    const stuck = await Promise.race([ready.then(() => undefined), programs.stuck(over.signal)]);
    if (!stuck) {
      await ready;
      starting.started();
      return served;
    }
    ready.catch(() => {});
    over.abort();
    console.error(sentenceOf(stuck, programs.neverRestsMs));
    held.push(stuck.id);
    await endRuntime(served.miniflare);
  }
}

/** Ends a runtime, or leaves it behind when it does not end in time: its process is killed with the launcher. */
export async function endRuntime(miniflare: Served["miniflare"]): Promise<void> {
  await Promise.race([
    miniflare.dispose().catch(() => {}),
    new Promise((end) => setTimeout(end, END_WITHIN_MS).unref()),
  ]);
}
