import type { Miniflare } from "miniflare";

/** Where Miniflare's own port takes the event; the host is one that it believes. */
const SCHEDULED = "http://localhost/cdn-cgi/local/scheduled";

/**
 * Cron triggers do not fire by themselves on the local runtime. Fires `scheduled` at each full `everyMs` of the clock
 * (whole minutes, as the platform does); the next one is planned after the last has ended, and none keeps Node alive.
 * It is a request like any other: Miniflare's stand-ins for Workers would stop this thread until the runtime has answered,
 * and the runtime waits for this thread when it has written more lines than a pipe holds. Returns what stops it.
 */
export function fireCron(miniflare: Miniflare, everyMs: number, crons: readonly string[]): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const planNext = (): void => {
    if (!stopped) timer = setTimeout(fireAndPlan, everyMs - (Date.now() % everyMs)).unref();
  };
  const fireAndPlan = (): void => {
    fire()
      .catch((error: unknown) => complain(`scheduled could not be fired: ${error}`))
      .finally(planNext);
  };
  const complain = (line: string): void => {
    // The runtime ends under a request when the server is stopped or begun again.
    if (!stopped) console.error(line);
  };
  const fire = async (): Promise<void> => {
    for (const cron of crons) {
      try {
        const query = new URLSearchParams({ cron, time: String(Date.now()), format: "json" });
        const answer = await miniflare.dispatchFetch(`${SCHEDULED}?${query}`);
        const text = await answer.text();
        if (!answer.ok) complain(`scheduled "${cron}" failed: ${text.split("\n")[0]}`);
      } catch (error) {
        complain(`scheduled "${cron}" could not be fired: ${error}`);
      }
    }
  };
  if (crons.length > 0) planNext();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
