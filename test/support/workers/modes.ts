import { abortAllDurableObjects, evictAllDurableObjects } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { PATIENCE_MS } from "../patience.ts";

/** How rough the night is: undisturbed, evicted before every look, or aborted in the middle of things. */
export const MODES = ["plain", "sleepwalking", "crashing"] as const;
export type Mode = (typeof MODES)[number];

export interface Answer {
  readonly status: number;
  readonly body: { readonly [field: string]: unknown; readonly execution_id: string; readonly status: string };
}

/** The Worker's own HTTP, in this isolate. A request that hits an object being torn down is simply sent again. */
export async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await exports.default.fetch(new Request(`http://localhost${path}`, init));
    const answer = (await response.json()) as Answer["body"];
    const tornDown = response.status === 503 || (response.status === 500 && attempt < 20);
    if (!tornDown || attempt >= 20) return { status: response.status, body: answer };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const ENDED = ["succeeded", "failed", "cancelled", "timeout"];
export const hasEnded = ({ body }: Answer): boolean => ENDED.includes(body.status);

/** Looks at an execution until it is as wanted, disturbing it in the meantime as the mode says. */
export async function until(mode: Mode, id: string, wanted: (answer: Answer) => boolean): Promise<Answer> {
  // Tests set the clock.
  const end = performance.now() + PATIENCE_MS;
  let disturbances = 0;
  while (performance.now() < end) {
    if (mode === "sleepwalking") await evictAllDurableObjects();
    // A bounded number: each crash in the middle is one recovery, and five without progress end an execution.
    if (mode === "crashing" && disturbances < 4) {
      disturbances += 1;
      await abortAllDurableObjects();
    }
    const answer = await call("GET", `/api/v1/executions/${id}`);
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, mode === "crashing" ? 7 : 20));
  }
  const last = await call("GET", `/api/v1/executions/${id}`);
  throw new Error(`not as wanted after ${PATIENCE_MS} ms: ${JSON.stringify(last.body)}`);
}

export async function violations(id: string): Promise<unknown[]> {
  const { body } = await call("GET", `/api/v1/executions/${id}/invariants`);
  return (body.items as { verdict: string }[]).filter(({ verdict }) => verdict === "violated");
}
