/** `errand executions bulk`: one verb for all executions that a filter finds. The plan counts them; what is done is an execution of its own. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { BulkOptions } from "../../../client/operations.ts";
import { BulkAction } from "../../../contract/operator/bulk.ts";
import { AcceptedBody } from "../../../contract/replies.ts";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { watch } from "../../frame/failure-of.ts";
import { fields } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { NextSteps, reason } from "../inputs.ts";
import { defined, filterFields } from "./list.ts";

const input = z.object({
  action: BulkAction.meta({ value: "ACTION", description: BulkAction.options.join(", ") }),
  ...filterFields,
  all: z.boolean().default(false).meta({ description: "without another filter: all that take the action" }),
  limit: z.number().int().min(1).max(10_000).optional().meta({ description: "at most so many (10,000)" }),
  reason,
});

export const command = changing({
  input,
  positionals: ["action"],
  output: AcceptedBody.extend({ next_steps: NextSteps }),
  isFinal: true,
  examples: [
    "errand executions bulk pause --target catalog.audit --dry-run",
    "errand executions bulk redrive --since 2026-11-27T08:00:00Z --yes",
  ],
  async plan({ action, all, limit: most, reason: why, ...asked }, session) {
    const filter = filterOf(asked, all);
    if (Object.keys(filter).length === 0)
      throw new Failure("usage", "Name a filter, such as --target TARGET, or --all.");
    const client = await session.client();
    const signal = session.interrupted;
    const request = {
      ...{ action, filter },
      ...(most === undefined ? {} : { limit: most }),
      ...(why === undefined ? {} : { reason: why }),
    };
    const { matched, more, execution_ids: ids } = await client.operations.bulkCount(request, { signal });
    const count = `${matched}${more ? " or more" : ""} ${matched === 1 ? "execution" : "executions"}`;
    return {
      says: [`${VERBS[action]} ${count}${matched === 0 ? "." : ", the newest first:"}`, ...ids.map((id) => `  ${id}`)],
      async apply() {
        const accepted = await client.operations.bulk(request, { idempotencyKey: randomUUID(), signal });
        const { execution_id: id } = accepted;
        return {
          document: accepted,
          view: [fields(["execution", id], ["target", accepted.target], ["status", status(accepted.status)])],
          next: [watch(id)],
        };
      },
    };
  },
});

const VERBS: Readonly<Record<BulkAction, string>> = {
  ...{ pause: "Pauses", resume: "Resumes", cancel: "Cancels" },
  ...{ restart: "Starts anew", redrive: "Goes on from the failure of" },
};

type Asked = Omit<z.output<typeof input>, "action" | "all" | "limit" | "reason">;

function filterOf({ since, until, ...asked }: Asked, all: boolean): BulkOptions["filter"] {
  return defined({
    // The server knows other words for some of them, and names those that it knows.
    status: asked.status as BulkOptions["filter"]["status"],
    target: asked.target,
    agent_id: asked.agent,
    run_id: asked.run,
    session_id: asked.session,
    actor_id: asked.actor,
    parent_execution_id: asked.parent,
    schedule_id: asked.schedule,
    since: since?.toISOString(),
    until: until?.toISOString(),
    q: asked.search,
    all: all ? (true as const) : undefined,
  });
}
