/** `ctx.pause` and `ctx.waitForApproval`: a gate, and what its decision means to the program. */
import type { PauseRequest } from "../define/context.ts";
import { ApprovalExpired, ApprovalRejected } from "../define/errors.ts";
import type { Verdict } from "../domain/gate.ts";
import { DEFAULT_GATE_EXPIRY_MS, rulesOf } from "../domain/gate.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import { instantOf, LAST_INSTANT_MS } from "../domain/numbers.ts";
import type { Ask } from "./ask.ts";
import type { Waiting } from "./waits.ts";

interface Asked extends PauseRequest {
  readonly payload: Json;
}

/** The digest of what is shown is part of the question (E3): a decision about 10 does not answer for 10,000. */
export function pauseAsk(
  { key, name, loop }: Waiting,
  asked: Asked,
): Omit<Ask, "settle" | "isWithdrawn" | "key" | "name"> {
  const { payload, id, url, options, onReject = "continue" } = asked;
  const digest = loop.world.digest(canonicalJson(payload));
  const begin = () => {
    const expiresAtMs = loop.world.now() + (asked.expiresInMs ?? DEFAULT_GATE_EXPIRY_MS);
    return loop.works.openGate({
      type: "open_gate",
      ...{ key, name, kind: "pause", payload, payloadDigest: digest, onReject },
      gateId: id ?? loop.world.newId("gate"),
      ...(expiresAtMs > LAST_INSTANT_MS ? {} : { expiresAtMs: instantOf(expiresAtMs) }),
      ...(options ? { options } : {}),
      ...(url === undefined ? {} : { requestUrl: url }),
      ...rulesOf(asked),
    });
  };
  return { kind: "gate", digest, begin, resume: () => undefined };
}

/** Only what was approved goes on. */
export function approvedOnly(name: string) {
  return (verdict: Verdict): Verdict & { decision: "approved" } => {
    const { decision } = verdict;
    if (decision === "approved") return { ...verdict, decision };
    throw decision === "expired" ? new ApprovalExpired(name) : new ApprovalRejected(name, verdict);
  };
}
