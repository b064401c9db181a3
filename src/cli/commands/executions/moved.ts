/** What the verbs that move an execution have in common. */
import * as z from "zod";
import type { Client } from "../../../client/client.ts";
import type { Execution } from "../../../client/transport/options.ts";
import type { MovedBody } from "../../../contract/replies.ts";
import type { Plan, Result, Session } from "../../frame/command.ts";
import { findExecution } from "../../ids/executions.ts";
import { fields } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { id, reason } from "../inputs.ts";
import { nextSteps } from "./next-steps.ts";

export const moveInput = z.object({ id: id("the execution"), reason });
type MoveInput = z.output<typeof moveInput>;

interface Move {
  /** "Cancels", for the plan. */
  readonly verb: string;
  readonly move: (client: Client, id: string, how: { reason?: string; signal: AbortSignal }) => Promise<Moved>;
}
type Moved = Pick<z.infer<typeof MovedBody>, "execution_id" | "previous_status" | "status">;

export async function planMove(
  { verb, move }: Move,
  { id: given, reason: why }: MoveInput,
  session: Session,
): Promise<Plan> {
  const client = await session.client();
  const execution = await findExecution(client, given, session.interrupted);
  const { execution_id: executionId } = execution;
  const because = why === undefined ? {} : { reason: why };
  return {
    id: executionId,
    says: [`${verb} ${executionId} (${execution.target}), which is ${execution.status}.`],
    apply: async () =>
      movedResult(await move(client, executionId, { ...because, signal: session.interrupted }), execution),
  };
}

function movedResult(moved: Moved, { target }: Execution<unknown>): Result {
  const { execution_id, previous_status: before, status: stands } = moved;
  return {
    document: moved,
    view: [fields(["execution", execution_id], ["target", target], ["was", before], ["status", status(stands)])],
    next: nextSteps({ execution_id, status: stands, waiting_for: undefined }),
  };
}
