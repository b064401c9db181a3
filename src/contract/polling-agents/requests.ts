/** What agents that poll, and their operators, send. Columns that Errand sets itself are ignored. */
import * as z from "zod";
import type { AgentChange } from "../../domain/node/polling-agent.ts";
import { AGENT_ACTION, AGENT_ID, AGENT_LIMITS } from "../../domain/node/polling-agent.ts";
import { Json } from "../../domain/values/json.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";
import { numberText } from "../query-values.ts";
import { WebhookRequest } from "../webhooks/request.ts";

const AgentId = z.string().regex(AGENT_ID, `must match ${AGENT_ID.source}`);
const Action = z.string().regex(AGENT_ACTION, `must match ${AGENT_ACTION.source}`);
const Line = z
  .string()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}*$/u, "must hold no control characters");
const Url = z.string().max(2_048);

const Capability = z
  .union(
    [
      Action.transform((action) => ({ action })),
      z.object({
        action: Action,
        params: Json.optional().describe("What the action takes: names, or a JSON Schema."),
        idempotent: z
          .boolean()
          .nullish()
          .describe("true: it may be done twice, so it is given out again when an agent is lost."),
      }),
    ],
    `must be the name of an action (${AGENT_ACTION.source}), or an object with action, params and idempotent`,
  )
  .transform((said): { action: string; params: Json; idempotent: boolean | null } => {
    const { params, idempotent } = said as { readonly params?: Json; readonly idempotent?: boolean | null };
    return { action: said.action, params: params ?? [], idempotent: idempotent ?? null };
  });

const Capabilities = z
  .array(z.unknown())
  .max(AGENT_LIMITS.capabilities)
  .pipe(z.array(Capability))
  .superRefine((list, ctx) => {
    const bytes = utf8Bytes(JSON.stringify(list));
    if (bytes > AGENT_LIMITS.recordBytes) {
      const message = `have ${bytes} bytes, and at most ${AGENT_LIMITS.recordBytes} (64 KiB) are taken of one agent`;
      ctx.addIssue({ code: "custom", message, params: { fault: "payload_too_large" } });
    }
    const seen = new Set<string>();
    for (const [at, { action }] of list.entries()) {
      if (seen.has(action)) ctx.addIssue({ code: "custom", path: [at], message: `names "${action}" a second time` });
      seen.add(action);
    }
  });

const RatePerMin = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .optional()
  .describe("Requests a minute of its key, at most those of the caller's key. A new agent has 100, else they stay.");

const fields = {
  name: Line.optional().describe("What people tell it by. Default its id."),
  role: Line.nullish().describe("What it is, as tasks name it in assignee_role."),
  poll_endpoint: Url.nullish().describe("Where it polls, for people."),
  webhook_url: Url.nullish().describe(
    "A public http or https address of the agent, which is told there that there is work.",
  ),
  webhook_secret: WebhookRequest.shape.secret.describe(
    "What it is told is signed with it; without one it is not signed.",
  ),
  is_active: z.boolean().optional().describe("false: it finishes what it has and gets no work. Default true."),
  capabilities: Capabilities.optional().describe("The actions it can do: at most 500, 64 KiB together."),
};

export const AgentRequest = z.object({
  id: AgentId.optional().describe("Yours, unique in your tenant; without it one is made. `agent_id` does as well."),
  agent_id: AgentId.optional(),
  ...fields,
  rate_limit_per_min: RatePerMin,
});

/** What is absent stays as it is. */
export const AgentChangeRequest = z.object(fields);

export const RotateKeyRequest = z.object({ rate_limit_per_min: RatePerMin });

export const AgentsQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(25),
  cursor: AgentId.optional().describe("next_cursor of the page before."),
});

export function changeOf(request: z.infer<typeof AgentChangeRequest>): AgentChange {
  const { name, role, poll_endpoint: pollEndpoint, webhook_url: webhookUrl, is_active: isActive } = request;
  const { webhook_secret: webhookSecret, capabilities } = request;
  return { name, role, pollEndpoint, webhookUrl, webhookSecret, isActive, capabilities };
}
