import * as z from "zod";
import type { EventBody as Body } from "../../../contract/executions/event-body.ts";
import { EventBody } from "../../../contract/executions/event-body.ts";
import { reading } from "../../frame/command.ts";
import { findExecution } from "../../ids/executions.ts";
import type { Block } from "../../output/blocks.ts";
import { jsonText } from "../../output/style.ts";
import { clock } from "../../output/words.ts";
import { id, word } from "../inputs.ts";
import { readLog } from "./read-log.ts";

export const command = reading({
  input: z.object({
    id: id("the execution"),
    after: z.number().int().min(0).default(0).meta({ description: "only events with a greater seq (0)" }),
    type: word("TYPE", "only events of this type, such as step.completed").optional(),
    limit: z.number().int().min(1).optional().meta({ description: "at most so many" }),
    follow: z.boolean().default(false).meta({ description: "go on to the end of the execution" }),
  }),
  positionals: ["id"],
  output: EventBody,
  isStream: true,
  examples: ["errand executions events latest", "errand executions events latest --follow --json | jq .type"],
  async run({ id: given, after, type, limit, follow }, session) {
    const client = await session.client();
    const signal = session.interrupted;
    const execution = await findExecution(client, given, signal);
    const events = follow
      ? client.events(execution.execution_id, { after, signal })
      : readLog(client, execution, { after, signal });
    let shown = 0;
    for await (const event of events) {
      if (type !== undefined && event.type !== type) continue;
      session.emit({ document: event, view: [eventLine(event)] });
      shown += 1;
      if (limit !== undefined && shown >= limit) break;
    }
    return undefined;
  },
});

export function eventLine({ seq, type, at, data }: Body): Block {
  const said = Object.keys(data).length > 0 ? ` ${jsonText(data)}` : "";
  return { kind: "line", text: `${String(seq).padStart(5)}  ${clock(at)}  ${type.padEnd(22)}${said}` };
}
