/** Decides about deliveries of webhooks and callbacks: noting the result of one, and sending one again when a person asks. Called only by `decide`. */
import type { NoteCallback, NoteDelivery, RetryDelivery } from "../execution/command.ts";
import type { ExecutionState } from "../execution/state.ts";
import { refuse } from "../values/fault.ts";
import type { Decided } from "./decided.ts";
import { accepted } from "./decided.ts";

/** Accepted in any status: most deliveries tell an end. */
export function noteDelivery({ webhook }: ExecutionState, command: NoteDelivery): Decided {
  const known = webhook?.deliveries.find(({ seq }) => seq === command.of);
  const attempt = (known?.attempts ?? 0) + 1;
  if (command.ok) {
    const { type: _type, ok: _ok, ...data } = command;
    return accepted({ type: "webhook.delivered", data: { ...data, attempt } });
  }
  const { type: _type, ok: _ok, ...data } = command;
  return accepted({ type: "webhook.failed", data: { ...data, attempt } });
}

/** Accepted in any status: a rejection ends the execution, and the agent that asked waits for the word of it. */
export function noteCallback(command: NoteCallback): Decided {
  if (command.ok) {
    const { type: _type, ok: _ok, ...data } = command;
    return accepted({ type: "callback.delivered", data });
  }
  const { type: _type, ok: _ok, ...data } = command;
  return accepted({ type: "callback.failed", data });
}

export function retryDelivery({ webhook }: ExecutionState, { of, by }: RetryDelivery): Decided {
  if (!webhook) return refuse("invalid_state", "it was started without a webhook, or its webhook was refused");
  const { deliveries } = webhook;
  const newest = deliveries.filter(({ status }) => status === "failed").at(-1) ?? deliveries.at(-1);
  const wanted = of === undefined ? newest : deliveries.find(({ seq }) => seq === of);
  if (!wanted && of === undefined)
    return refuse("invalid_state", "nothing was told yet: there is no delivery to repeat");
  if (!wanted) return refuse("not_found", `delivery: it has no delivery ${of} among the newest ${deliveries.length}`);
  return accepted({ type: "webhook.retried", data: { of: wanted.seq, event: wanted.event, by } });
}
