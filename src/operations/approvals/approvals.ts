/**
 * Decisions of people: an approval of an execution, an approval by its own id, an effect in doubt. Which approval a decision
 * means its execution says (`domain/decide/approval.ts`): each of these is one command to one actor.
 */
import type { z } from "zod";
import type { InboxQuery } from "../../contract/approvals/inbox.ts";
import type { AskApprovalRequest } from "../../contract/approvals/requests.ts";
import type { ApprovalRequest, ResolveRequest } from "../../contract/executions/requests.ts";
import { rulesOf } from "../../domain/execution/approval.ts";
import type { DecideApproval } from "../../domain/execution/approval-command.ts";
import { executionOfApproval } from "../../domain/execution/execution-id.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ReadSession } from "../../domain/read-models/summary.ts";
import type { ApprovalView, CommandResult } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { ApprovalIndex, ExecutionClient } from "../ports.ts";
import { claimId, isOpen } from "./approval-claims.ts";
import type { InboxPage } from "./inbox.ts";
import { readInbox } from "./inbox.ts";

export interface ApprovalParts {
  readonly client: ExecutionClient;
  readonly index: ApprovalIndex;
  readonly now: () => number;
  readonly digest: (text: string) => string;
  /** Whether this deployment reaches an address. */
  readonly judge: (url: string) => Result<URL>;
}

export class Approvals {
  readonly #parts: ApprovalParts;
  readonly #client: ExecutionClient;

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
    this.#client = parts.client;
  }

  inbox(caller: Principal, query: InboxQuery, session?: ReadSession): Promise<InboxPage> {
    return readInbox(this.#parts, caller, { query, session });
  }

  /** Asks for an approval under an id of the caller's own: if the execution may wait, the id is claimed; then its approval opens. */
  async request(caller: Principal, executionId: string, asked: AskApprovalRequest): Promise<Result<ApprovalView>> {
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
      ...(asked.callback_url === undefined ? {} : { callbackUrl: asked.callback_url }),
      ...rulesOf({ approvers: asked.approvers, fourEyes: asked.four_eyes }),
    } as const;
    const unreached = asked.callback_url === undefined ? undefined : this.#unreached(asked.callback_url);
    if (unreached) return unreached;
    const may = await this.#client.dispatch(caller, executionId, command);
    if (!may.ok) return may;
    const claimed = await claimId(this.#parts, id, may.value.state.origin);
    if (!claimed.ok) return claimed;
    const { claim, reasked } = claimed.value;
    const opened = { ...command, claimedUntilMs: claim.untilMs, ...(reasked ? { reasked } : {}) };
    const result = await this.#client.dispatch(caller, executionId, opened);
    // The same request may have come twice, and the other one have opened it.
    if (!result.ok && !(await isOpen(this.#client, caller, { executionId, id })))
      await this.#parts.index.release(claim);
    return result.ok ? this.status(caller, executionId, id) : result;
  }

  #unreached(callbackUrl: string): Refusal | undefined {
    const judged = this.#parts.judge(callbackUrl);
    if (judged.ok) return undefined;
    const message = judged.detail;
    return refuse("invalid_callback_url", `callback_url: ${message}`, [{ path: "callback_url", message }]);
  }

  /** The named approval; without a name the one that waits, else the one that was decided last. */
  async status(caller: Principal, executionId: string, id: string | undefined): Promise<Result<ApprovalView>> {
    const found = await this.#client.approvals(caller, executionId, id === undefined ? undefined : [id]);
    if (!found.ok) return found;
    const [approval] = found.value;
    if (approval) return accept(approval);
    return refuse("not_found", id === undefined ? "it waits for no approval" : "it has no approval of this id");
  }

  decide(
    caller: Principal,
    executionId: string,
    answer: z.infer<typeof ApprovalRequest>,
  ): Promise<Result<CommandResult>> {
    const { decision, approval_request_id: gateId, option, response, payload_digest: digest } = answer;
    const feedback = answer.feedback ?? answer.reason;
    const said = {
      decision,
      by: caller.subject,
      ...(option === undefined ? {} : { option }),
      ...(feedback === undefined ? {} : { feedback }),
      ...(response === undefined ? {} : { response }),
    };
    const command: DecideApproval = {
      type: "decide_gate",
      ...said,
      request: this.#parts.digest(canonicalJson(said)),
      ...(gateId === undefined ? {} : { gateId }),
      ...(digest === undefined ? {} : { digest }),
      ...(caller.signed ? { signed: caller.signed } : {}),
    };
    return this.#client.dispatch(caller, executionId, command);
  }

  /** The id of the approval leads to its execution: by itself when it is one of ours, else by the index. */
  async decideById(
    caller: Principal,
    id: string,
    answer: z.infer<typeof ApprovalRequest>,
  ): Promise<Result<CommandResult>> {
    const executionId = executionOfApproval(id) ?? (await this.#parts.index.executionOf(caller.tenant, id));
    if (executionId === undefined)
      return refuse("not_found", `approval_request_id: "${id.slice(0, 100)}" is not known here`);
    return this.decide(caller, executionId, { ...answer, approval_request_id: id });
  }

  resolve(
    caller: Principal,
    executionId: string,
    answer: z.infer<typeof ResolveRequest>,
  ): Promise<Result<CommandResult>> {
    const { option, gate_id: gateId, effect: key, params, feedback } = answer;
    const said = {
      resolution: option,
      by: caller.subject,
      ...(key === undefined ? {} : { key }),
      ...(params?.result === undefined ? {} : { output: params.result }),
      ...(feedback === undefined ? {} : { message: feedback }),
    };
    const request = this.#parts.digest(canonicalJson(said));
    const named = gateId === undefined ? {} : { gateId };
    return this.#client.dispatch(caller, executionId, { type: "resolve_effect", ...said, request, ...named });
  }
}
