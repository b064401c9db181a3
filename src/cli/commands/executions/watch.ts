import * as z from "zod";
import type { Client } from "../../../client/client.ts";
import type { Execution } from "../../../client/transport/options.ts";
import { hasEnded } from "../../../client/transport/rest.ts";
import { ExecutionBody } from "../../../contract/executions/body.ts";
import { EventBody } from "../../../contract/executions/event-body.ts";
import type { Session } from "../../frame/command.ts";
import { reading } from "../../frame/command.ts";
import { untilEnd } from "../../frame/waiting.ts";
import { findExecution } from "../../ids/executions.ts";
import { id, NextSteps, timeout } from "../inputs.ts";
import { eventLine } from "./events.ts";
import { endOf, headBlock, outcomeBlocks } from "./execution-view.ts";
import { nextSteps } from "./next-steps.ts";
import { TurnLines } from "./turn-lines.ts";

export const command = reading({
  input: z.object({ id: id("the execution"), timeout }),
  positionals: ["id"],
  output: z.union([
    z.object({ event: EventBody }),
    z.object({ turn: z.string(), text: z.string() }).describe("What a model writes while it writes it."),
    z.object({ execution: ExecutionBody, next_steps: NextSteps }).describe("The last line: how it ended."),
  ]),
  isStream: true,
  examples: ["errand executions watch latest", "errand executions watch latest --timeout 5m"],
  async run({ id: given, timeout: timeoutMs }, session) {
    const client = await session.client();
    const { execution_id: executionId } = await findExecution(client, given, session.interrupted);
    const ended = await untilEnd({ executionId, timeoutMs, session }, (signal) =>
      follow(client, { executionId, session, signal }),
    );
    return {
      document: { execution: ended },
      view: [headBlock(ended), ...outcomeBlocks(ended)],
      next: nextSteps(ended),
      ends: endOf(ended),
    };
  },
});

interface Following {
  readonly executionId: string;
  readonly session: Session;
  readonly signal: AbortSignal;
}

/** Shows what happens, and says why it waits each time that it begins to. */
async function follow(client: Client, { executionId, session, signal }: Following) {
  const lines = new TurnLines();
  for await (const frame of client.stream(executionId, { signal })) {
    if (frame.type === "delta" && session.live) session.live.add(frame.text);
    else if (frame.type === "delta")
      session.emit({ document: { turn: frame.turn, text: frame.text }, view: lines.add(frame) });
    if (frame.type !== "event") continue;
    const { event } = frame;
    const written = event.type.startsWith("turn.") ? lines.end(String(event.data.key)) : [];
    session.emit({ document: { event }, view: [...written, eventLine(event)] });
    if (RESTS.includes(event.type)) sayWhy(await client.get(executionId, { signal }), session);
  }
  return client.get(executionId, { signal });
}

const RESTS = ["execution.waiting", "execution.blocked", "execution.paused"];

function sayWhy(execution: Execution<unknown>, session: Session): void {
  if (!execution.why || hasEnded(execution)) return;
  session.say(`It waits: ${execution.why.sentence}.`);
  for (const { command: line, description } of nextSteps(execution)) session.say(`  ${line}  # ${description}`);
}
