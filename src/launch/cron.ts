import type { Miniflare } from "miniflare";

/**
 * Cron triggers do not fire by themselves on the local runtime. Fires `scheduled` at each full `everyMs` of the clock
 * (whole minutes, as the platform does); the next one is planned after the last has ended, and none keeps Node alive.
 * Returns what stops it.
 */
export function fireCron(miniflare: Miniflare, everyMs: number, crons: readonly string[]): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const planNext = (): void => {
    if (!stopped) timer = setTimeout(fireAndPlan, everyMs - (Date.now() % everyMs)).unref();
  };
  const fireAndPlan = (): void => {
    fire()
      .catch((error: unknown) => console.error("scheduled could not be fired:", error))
      .finally(planNext);
  };
  const fire = async (): Promise<void> => {
    for (const cron of crons) {
      try {
        const worker = await miniflare.getWorker();
        const result = await worker.scheduled({ cron, scheduledTime: new Date() });
        if (result.outcome !== "ok") console.error(`scheduled "${cron}" ended with outcome ${result.outcome}`);
      } catch (error) {
        console.error(`scheduled "${cron}" could not be fired:`, error);
      }
    }
  };
  if (crons.length > 0) planNext();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
