/** Lists executions: the filters of the API as flags, one page of rows. */
import * as z from "zod";
import type { ListFilter } from "../../../client/transport/options.ts";
import { ExecutionList } from "../../../contract/lists.ts";
import { reading } from "../../frame/command.ts";
import type { Next } from "../../frame/failure.ts";
import { commandLine } from "../../frame/quote.ts";
import { toned } from "../../output/blocks.ts";
import { duration, instant, status } from "../../output/words.ts";
import { cursor, limit, NextSteps, word } from "../inputs.ts";

const STATUSES = [
  ...["pending", "queued", "running", "waiting", "blocked", "paused"],
  ...["succeeded", "failed", "cancelled", "timeout"],
] as const;
const Instant = z.iso
  .datetime({ offset: true, error: "must be an instant such as 2026-11-27T08:00:00Z" })
  .transform((text) => new Date(text));

/** The filters of the API as flags. */
export const filterFields = {
  status: z
    .array(z.string())
    .optional()
    .meta({ value: "STATUS", description: `where it stands: ${STATUSES.join(", ")}` }),
  target: word("TARGET", "of this function, as agent.function").optional(),
  agent: word("AGENT", "of this agent").optional(),
  run: word("ID", "of this run").optional(),
  session: word("ID", "of this session").optional(),
  actor: word("ID", "of this actor").optional(),
  parent: word("ID", "children of this execution").optional(),
  schedule: word("ID", "started by this schedule").optional(),
  since: Instant.optional().meta({ value: "INSTANT", description: "created at or after" }),
  until: Instant.optional().meta({ value: "INSTANT", description: "created before" }),
  search: word("TEXT", "a part of the id, the target or the error").optional(),
};
const input = z.object({ ...filterFields, limit, cursor });

export const command = reading({
  input,
  output: ExecutionList.extend({ next_steps: NextSteps }),
  examples: ["errand executions list --status failed", "errand executions list --agent catalog --json"],
  async run({ limit: most, cursor: after, ...asked }, session) {
    const client = await session.client();
    const page = await client.listPage({
      ...filterOf(asked),
      limit: most,
      ...(after === undefined ? {} : { cursor: after }),
      signal: session.interrupted,
    });
    const rows = page.items.map((one) => [
      one.execution_id,
      one.target,
      status(one.status),
      instant(one.created_at),
      one.duration_ms === null ? "-" : duration(one.duration_ms),
      toned("dim", one.error_message ?? one.status_reason ?? ""),
    ]);
    const head = ["ID", "TARGET", "STATUS", "CREATED", "TOOK", "WHY"];
    return {
      document: page,
      view: [{ kind: "table", head, rows, empty: "No execution fits." }],
      next: nextOf(page, session.argv),
    };
  },
});

type Asked = Omit<z.output<typeof input>, "limit" | "cursor">;

function filterOf({
  agent,
  run,
  session,
  actor,
  parent,
  schedule,
  search,
  status: stands,
  ...rest
}: Asked): ListFilter {
  return defined({
    ...rest,
    // The server knows other words for some of them, and names those that it knows.
    status: stands as ListFilter["status"],
    agentId: agent,
    runId: run,
    sessionId: session,
    actorId: actor,
    parentExecutionId: parent,
    scheduleId: schedule,
    q: search,
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was not typed. */
export function defined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function nextOf({ items, next_cursor: next }: z.infer<typeof ExecutionList>, argv: readonly string[]): Next[] {
  const [first] = items;
  const show: Next[] = first
    ? [{ command: `errand executions show ${first.execution_id}`, description: "shows the newest of them" }]
    : [];
  if (next === null) return show;
  const at = argv.indexOf("--cursor");
  const rest = at === -1 ? argv : argv.filter((_, index) => index !== at && index !== at + 1);
  return [...show, { command: commandLine([...rest, "--cursor", next]), description: "lists older ones" }];
}
