/**
 * A skill that is an address: its inputs are sent as JSON, and the JSON that is answered is its output. It leaves by the one way
 * out, as everything does that is not an address of the settings: the address is judged, nothing is followed, the answer is bounded.
 */
import type { Json } from "../domain/values/json.ts";
import type { OutboundAnswer, OutboundFetch } from "../domain/values/outbound.ts";
import { InDoubt, ToolError } from "./errors.ts";
import type { ToolRun } from "./tool.ts";

export interface HttpSkill {
  readonly url: string;
  /** Default POST. */
  readonly method?: "POST" | "PUT" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service by which it leaves; each deployment has it. */
export const OUTBOUND = "errand.outbound";

/** Characters that are told of an answer that is no success. */
const MOST_TOLD = 500;
/** Bytes of an answer: a result that is larger fits into no log. */
const MOST_ANSWERED = 1_048_576;
/** Of one try, where its effect ends no sooner. */
const MOST_MS = 600_000;

export async function sent(
  { url, method = "POST", headers = {} }: HttpSkill,
  inputs: unknown,
  { idempotencyKey, signal, services }: ToolRun,
): Promise<Json> {
  signal.throwIfAborted();
  const outbound = (services as Readonly<Record<typeof OUTBOUND, OutboundFetch>>)[OUTBOUND];
  const call = `${method} ${url}`;
  const own = { "content-type": "application/json", "idempotency-key": idempotencyKey };
  const answer = await outbound({
    ...{ method, url, body: JSON.stringify(inputs), timeoutMs: MOST_MS, maxBytes: MOST_ANSWERED },
    headers: { ...lowered(headers), ...own },
    until: new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
  });
  signal.throwIfAborted();
  if (answer.ok) return outputOf(call, answer);
  switch (answer.kind) {
    case "refused":
      throw new ToolError(`${call}: its address ${answer.detail}; ERRAND_ALLOWED_HOSTS may name its host`, {
        fatal: true,
      });
    case "redirected":
      throw new ToolError(`${call}: ${answer.detail}`, { fatal: true });
    case "unreachable":
    case "timeout":
      throw lost(call, answer.detail);
  }
}

/** Two spellings of one name would both be sent. */
function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function outputOf(call: string, { status, body, cut }: OutboundAnswer): Json {
  if (cut === "time" || cut === "broken") throw lost(call, "the answer broke off");
  const isDone = status >= 200 && status < 300;
  if (cut === "bytes") throw new ToolError(`${call} answered more than ${MOST_ANSWERED} bytes`, { fatal: isDone });
  if (!isDone) {
    const message = `${call} answered ${status}: ${body.slice(0, MOST_TOLD)}`;
    throw new ToolError(message, { fatal: status < 500 && status !== 429 });
  }
  try {
    return body.trim() === "" ? null : (JSON.parse(body) as Json);
  } catch {
    // It is done, and would be done again.
    throw new ToolError(`${call} answered no JSON: ${body.slice(0, MOST_TOLD)}`, { fatal: true });
  }
}

/** An exchange that breaks may have arrived: what is not idempotent is not sent again without a person's word. */
function lost(call: string, why: string): InDoubt {
  return new InDoubt(`${call} was sent, and no whole answer came: ${why}`);
}
