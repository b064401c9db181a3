/** Decisions of people: the open approval of an execution, an approval by its own id, an effect in doubt. */
import type { z } from "zod";
import type { AskApprovalRequest } from "../contract/approval-requests.ts";
import type { InboxQuery } from "../contract/inbox.ts";
import type { ApprovalRequest, ResolveRequest } from "../contract/requests.ts";
import type { Caller } from "../domain/caller.ts";
import { executionOfGate } from "../domain/execution-id.ts";
import type { Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import { canonicalJson } from "../domain/json.ts";
import { isTerminal } from "../domain/status.ts";
import type { ExecutionView, Told } from "../domain/view.ts";
import type { ClaimParts } from "./approval-claims.ts";
import { claimId, isOpen } from "./approval-claims.ts";
import type { InboxPage } from "./inbox.ts";
import { readInbox } from "./inbox.ts";
import type { ExecutionDoor } from "./ports.ts";

export interface ApprovalParts extends ClaimParts {
  readonly digest: (text: string) => string;
}

export interface Decided {
  readonly told: Told;
  readonly gateId: string;
}

export class Approvals {
  readonly #parts: ApprovalParts;
  readonly #door: ExecutionDoor;

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
    this.#door = parts.door;
  }

  inbox(caller: Caller, query: InboxQuery): Promise<InboxPage> {
    return readInbox(this.#parts, caller, query);
  }

  /** Asks for an approval under an id of the caller's own: if the execution may wait, the id is claimed; then its gate opens. */
  async request(caller: Caller, executionId: string, asked: AskApprovalRequest): Promise<Result<Told>> {
    const id = asked.approval_request_id;
    const payload = asked.payload ?? null;
    const command = {
      type: "request_approval",
      gateId: id,
      payload,
      payloadDigest: this.#parts.digest(canonicalJson(payload)),
      expiresAtMs: Math.ceil(this.#parts.now() + asked.expires_in_hours * 3_600_000),
      by: caller.subject,
      ...(asked.approval_request_url === undefined ? {} : { requestUrl: asked.approval_request_url }),
    } as const;
    const may = await this.#door.tell(caller, executionId, command);
    if (!may.ok) return may;
    const { owner } = may.value.state.origin;
    const claim = await claimId(this.#parts, caller, { id, executionId, owner });
    if (!claim.ok) return claim;
    const told = await this.#door.tell(caller, executionId, { ...command, claimedUntilMs: claim.value.untilMs });
    // The same request may have come twice, and the other one have opened it.
    if (!told.ok && !(await isOpen(this.#door, caller, { executionId, id })))
      await this.#parts.index.release(claim.value);
    return told;
  }

  /** An execution that was ever asked to wait for a person; others have no approval. */
  async status(caller: Caller, executionId: string): Promise<Result<ExecutionView>> {
    const view = await this.#door.view(caller, executionId);
    if (!view.ok) return view;
    const { openGates, state } = view.value;
    return openGates.length > 0 || state.lastGate
      ? view
      : refuse("not_found", "this execution has never requested an approval");
  }

  async decide(caller: Caller, executionId: string, answer: z.infer<typeof ApprovalRequest>): Promise<Result<Decided>> {
    const view = await this.#door.view(caller, executionId);
    if (!view.ok) return view;
    const gate = gateMeant(view.value, answer.approval_request_id);
    if (!gate.ok) return gate;
    const feedback = answer.feedback ?? answer.reason;
    const told = await this.#door.tell(caller, executionId, {
      type: "decide_gate",
      gateId: gate.value,
      decision: answer.decision,
      by: caller.subject,
      ...(answer.option === undefined ? {} : { option: answer.option }),
      ...(feedback === undefined ? {} : { feedback }),
      ...(answer.response === undefined ? {} : { response: answer.response }),
      ...(answer.payload_digest === undefined ? {} : { digest: answer.payload_digest }),
    });
    return told.ok ? accept({ told: told.value, gateId: gate.value }) : told;
  }

  /** The id of the approval leads to its execution: by itself when it is one of ours, else by the index. */
  async decideById(caller: Caller, id: string, answer: z.infer<typeof ApprovalRequest>): Promise<Result<Decided>> {
    const executionId = executionOfGate(id) ?? (await this.#parts.index.executionOf(caller.tenant, id));
    if (executionId === undefined)
      return refuse("not_found", `approval_request_id: "${id.slice(0, 100)}" is not known here`);
    return this.decide(caller, executionId, { ...answer, approval_request_id: id });
  }

  async resolve(caller: Caller, executionId: string, answer: z.infer<typeof ResolveRequest>): Promise<Result<Decided>> {
    const effects = await this.#door.effects(caller, executionId);
    if (!effects.ok) return effects;
    const inDoubt = effects.value.filter(({ status }) => status === "in_doubt");
    const key = answer.effect ?? (inDoubt.length === 1 ? inDoubt[0]?.key : undefined);
    if (key === undefined) {
      if (inDoubt.length === 0) return refuse("no_open_gate", "no effect of this execution is in doubt");
      return refuse("invalid_input", `effect: must name one of ${inDoubt.map((effect) => effect.key).join(", ")}`);
    }
    const told = await this.#door.tell(caller, executionId, {
      type: "resolve_effect",
      key,
      resolution: answer.option,
      by: caller.subject,
      ...(answer.params?.result === undefined ? {} : { output: answer.params.result }),
      ...(answer.feedback === undefined ? {} : { message: answer.feedback }),
    });
    return told.ok ? accept({ told: told.value, gateId: key }) : told;
  }
}

/** The gate a decision is for: the named one, else the only open one, else the one decided last (a repetition). */
function gateMeant({ openGates, state }: ExecutionView, named: string | undefined): Result<string> {
  if (named !== undefined) return accept(named);
  if (openGates.length > 1) {
    return refuse(
      "invalid_input",
      `approval_request_id: several approvals are open: ${openGates.map(({ gateId }) => gateId).join(", ")}`,
    );
  }
  const gateId = openGates[0]?.gateId ?? state.lastGate?.gateId;
  if (gateId !== undefined) return accept(gateId);
  if (isTerminal(state.status)) return refuse("invalid_state", `the execution has ended (${state.status})`);
  return refuse("no_open_gate", "this execution waits for nobody");
}
