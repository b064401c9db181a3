/**
 * `errand executions start`: an execution of any function, followed to its end.
 *
 * - It is sent with a key: a request that is sent again starts nothing anew.
 * - A command that stops waiting leaves it running, and prints how to follow it again.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Client } from "../../../client/client.ts";
import type { Execution } from "../../../client/transport/options.ts";
import { hasEnded } from "../../../client/transport/rest.ts";
import { ExecutionBody } from "../../../contract/executions/body.ts";
import { AcceptedBody } from "../../../contract/replies.ts";
import type { Result, Session } from "../../frame/command.ts";
import { reading } from "../../frame/command.ts";
import { untilEnd, waitsForPerson } from "../../frame/waiting.ts";
import { fields } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { jsonObject, NextSteps, timeout, word } from "../inputs.ts";
import { endOf, headBlock, outcomeBlocks, whyBlock } from "./execution-view.ts";
import { nextSteps } from "./next-steps.ts";

const input = z.object({
  target: word("TARGET", "what to run, as agent.function"),
  input: jsonObject("JSON", "its input (an empty object)").optional(),
  session: word("ID", "the session that it belongs to").optional(),
  id: word("ID", "an id of your own choosing; the same start again is the same execution").optional(),
  detach: z.boolean().default(false).meta({ description: "do not wait for its end" }),
  timeout,
});
type Asked = z.output<typeof input>;

export const command = reading({
  input,
  positionals: ["target"],
  output: z.union([ExecutionBody.extend({ next_steps: NextSteps }), AcceptedBody.extend({ next_steps: NextSteps })]),
  examples: [
    `errand executions start clock.remind --input '{"message": "tea", "seconds": 1}'`,
    "errand executions start catalog.audit --detach",
  ],
  async run(asked, session) {
    const client = await session.client();
    const accepted = await start(client, asked, session);
    const { execution_id: executionId } = accepted;
    if (asked.detach) {
      const { target, status: stands } = accepted;
      const view = [fields(["execution", executionId], ["target", target], ["status", status(stands)])];
      return { document: accepted, view, next: nextSteps({ ...accepted, waiting_for: undefined }) };
    }
    session.say(`${asked.target} runs as ${executionId}`);
    const rest = await untilEnd({ executionId, timeoutMs: asked.timeout, session }, (signal) =>
      client.wait(executionId, { until: (one) => hasEnded(one) || waitsForPerson(one), signal }),
    );
    return atRest(rest);
  },
});

function start(client: Client, asked: Asked, session: Session) {
  const { target, input: given = {}, session: sessionId, id } = asked;
  return client.executeAsync(target, given, {
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(id === undefined ? { idempotencyKey: randomUUID() } : { id }),
    signal: session.interrupted,
  });
}

function atRest(execution: Execution<unknown>): Result {
  return {
    document: execution,
    view: [headBlock(execution), ...whyBlock(execution), ...outcomeBlocks(execution)],
    next: nextSteps(execution),
    ends: endOf(execution),
  };
}
