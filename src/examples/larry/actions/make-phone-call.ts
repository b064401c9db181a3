/** Has a person called, by a service that a signed webhook asks. A call is not made twice in silence. */
import * as z from "zod";
import type { Action } from "../../../agent/index.ts";
import { ActionError, Blocked } from "../../../agent/index.ts";
import { SIGNATURE, signatureOf } from "../signature.ts";

const CallParams = z.object({
  number: z.string().regex(/^[+\d][\d\s().-]{4,30}$/, "must be a phone number"),
  message: z.string().max(5_000).default(""),
});

/** What the service answers. */
const Called = z.object({ answered: z.boolean(), notes: z.string().max(20_000).default("") });

export interface PhoneService {
  readonly url: string | undefined;
  readonly secret: string | undefined;
}

const LONGEST_MS = 120_000;
/** The connection was never made: the service did not hear of the call. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

export function makePhoneCall({ url, secret }: PhoneService): Action<typeof CallParams> {
  return {
    input: CallParams,
    run: async (params, { idempotencyKey, signal, say }) => {
      if (url === undefined || secret === undefined)
        throw new Blocked(`Please call ${params.number}: no service for calls is configured.`, {
          suggestions: ["Call, and complete the task by hand"],
        });
      const body = JSON.stringify({ ...params, idempotency_key: idempotencyKey });
      const answer = await asked({ url, secret, body, key: idempotencyKey, signal });
      say(answer.answered ? "Called, and answered" : "Called, and not answered");
      return { called_number: params.number, call_timestamp: new Date().toISOString(), ...answer };
    },
  };
}

interface Asked {
  readonly url: string;
  readonly secret: string;
  readonly body: string;
  readonly key: string;
  readonly signal: AbortSignal;
}

async function asked({ url, secret, body, key, signal }: Asked): Promise<z.infer<typeof Called>> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key, [SIGNATURE]: signatureOf(body, secret) },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
    });
  } catch (error) {
    const { code = "" } = ((error as Error).cause ?? {}) as { readonly code?: string };
    if (NOT_SENT.has(code))
      throw new ActionError("The service for calls cannot be reached.", { type: "phone_unreachable" });
    throw inDoubt(error);
  }
  if (response.status >= 500) throw inDoubt(undefined);
  if (!response.ok) throw new Blocked(`The service for calls refused: ${response.status}`);
  const said = Called.safeParse(await response.json().catch(() => undefined));
  if (!said.success) throw inDoubt(undefined);
  return said.data;
}

function inDoubt(cause: unknown): Blocked {
  return new Blocked("It is not known whether the call was made: the answer of the service was lost.", {
    type: "in_doubt",
    cause,
  });
}
