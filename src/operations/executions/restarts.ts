/**
 * Starting an execution again: a new one that follows an old one.
 *
 * - The old execution's log first names the new execution; from then on the old one's outbox starts the new one, whichever
 *   process crashes. So this is one command to one actor, and no second path of starting anything.
 * - A repetition with the same Idempotency-Key means the same new execution.
 */
import type { Restarted, RestartRequest } from "../../contract/executions/restart.ts";
import type { RestartCommand } from "../../domain/execution/command.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { WebhookAsked } from "../../domain/execution/webhook.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { checkInput } from "../target.ts";
import type { ExecutionParts } from "./executions.ts";
import { functionOf } from "./find-target.ts";
import { otherManifest } from "./other-manifest.ts";
import { tooLarge } from "./start-size.ts";
import { toldApart, webhookOf } from "./webhook-registration.ts";

/** Most steps from an execution to its root; more is a circle. */
const MAX_DEPTH = 100;

export interface RestartOf {
  readonly id: string;
  readonly request: RestartRequest;
  readonly idempotencyKey: string | undefined;
}

type Parts = Pick<
  ExecutionParts,
  "client" | "catalog" | "remote" | "admission" | "open" | "digest" | "newRunId" | "webhooks"
>;

export class Restarts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async restart(caller: Principal, { id, request, idempotencyKey }: RestartOf): Promise<Result<Restarted>> {
    const { client, admission, open } = this.#parts;
    const found = await this.#source(caller, id, request.scope);
    if (!found.ok) return found;
    const { origin } = found.value.state;
    const fits = await this.#fits(caller, found.value, request);
    if (!fits.ok) return fits;
    const newId =
      idempotencyKey === undefined
        ? client.newId(caller.tenant)
        : client.idNamed(caller.tenant, "restart", caller.subject, origin.id, idempotencyKey);
    const full = admission.refusal(newId) ?? (await open.refusal(caller.tenant));
    // A repetition starts nothing: the execution that follows is there.
    if (full && !(idempotencyKey !== undefined && (await client.view(caller, newId)).ok)) return full;
    const asking = { asked: request.webhook, caller, origin: { ...origin, id: newId } };
    const asked = webhookOf(this.#parts.webhooks, asking);
    const command = this.#command(caller, { source: origin, request, newId, asked });
    const result = await client.dispatch(caller, origin.id, command);
    if (!result.ok) return result;
    const follower = await client.view(caller, newId);
    if (follower.ok) {
      const { state } = follower.value;
      const webhook = { registered: state.webhook !== undefined, error: state.webhookError };
      return accept({ source: origin, id: newId, runId: state.origin.runId, createdAtMs: state.createdAtMs, webhook });
    }
    // The source's log names the new execution, which will start. Only the caller of the first request knows its run.
    if (!result.value.changed) return refuse("unavailable", "the execution that follows this one is being started");
    const webhook = { registered: command.webhook !== undefined, error: command.webhookError };
    const createdAtMs = result.value.state.updatedAtMs;
    return accept({ source: origin, id: newId, runId: command.runId, createdAtMs, webhook });
  }

  /**
   * The execution itself, or the topmost above it that answers to this caller. Only edges that the parent's own log holds
   * lead upwards: what a child says of its parent is no proof.
   */
  async #source(caller: Principal, id: string, scope: RestartRequest["scope"]): Promise<Result<ExecutionView>> {
    const { client } = this.#parts;
    let found = await client.view(caller, id);
    if (scope === "execution") return found;
    for (let depth = 0; found.ok && depth < MAX_DEPTH; depth += 1) {
      const { parentId } = found.value.state.origin;
      const parent = parentId === undefined ? undefined : await client.view(caller, parentId);
      if (!parent?.ok || !(await this.#holds(caller, parent.value, found.value))) return found;
      found = parent;
    }
    return found;
  }

  /** Whether the parent's log names this execution, or the one that it follows, as a child. */
  async #holds(caller: Principal, parent: ExecutionView, { state: { origin } }: ExecutionView): Promise<boolean> {
    // Its own object asked the parent before it was there.
    if (origin.owned) return true;
    const member = await this.#parts.client.member(caller, parent.state.origin.id, { notes: false });
    const ids = [origin.id, origin.restartedFrom?.id];
    return member.ok && member.value.children.some(({ childId }) => ids.includes(childId));
  }

  async #fits(
    caller: Principal,
    { state, files }: ExecutionView,
    { input, context, from, scope, reuse }: RestartRequest,
  ): Promise<Result<null>> {
    if (state.origin.plan) return fitsPlan({ input, context, from });
    if (from !== undefined && (scope !== "execution" || reuse === "none"))
      return unfitFrom(
        scope === "execution"
          ? 'stands beside reuse "none": leave one of them out'
          : 'needs scope "execution": an entry belongs to one execution',
      );
    const target = await functionOf(this.#parts, caller, state.origin);
    if (!target.ok) return target;
    if (files)
      return refuse("invalid_state", "it was started with files, which belong to it: start it anew, with the files");
    if (input === undefined) return accept(null);
    const large = tooLarge({ input, context, metadata: undefined });
    if (large) return large;
    const checked = await checkInput(target.value.definition, input);
    if (!checked.ok) return checked;
    return (await otherManifest(this.#parts, caller, { origin: state.origin, input })) ?? accept(null);
  }

  #command(
    { subject }: Principal,
    {
      source,
      request,
      newId,
      asked,
    }: {
      source: ExecutionView["state"]["origin"];
      request: RestartRequest;
      newId: string;
      asked: WebhookAsked;
    },
  ): RestartCommand {
    const { scope, reuse, from, fork, input, context, reason } = request;
    const identity = { restart: source.id, scope, reuse, from, fork, input, context, ...toldApart(asked) };
    return {
      type: "restart",
      id: newId,
      runId: fork ? this.#parts.newRunId() : source.runId,
      scope,
      reuse,
      fork,
      digest: this.#parts.digest(canonicalJson(identity)),
      by: subject,
      ...asked,
      ...(from === undefined ? {} : { from }),
      ...(input === undefined ? {} : { input }),
      ...(context === undefined ? {} : { context }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

/** Its plan is what it does: nothing else goes in, and a subtask is no entry of a journal. */
function fitsPlan(asked: Pick<RestartRequest, "input" | "context" | "from">): Result<null> {
  const stray = (["input", "context", "from"] as const).find((name) => asked[name] !== undefined);
  if (stray === undefined) return accept(null);
  const message = "is not for an execution of a plan: leave it out, or start another version of its plan";
  return refuse("invalid_input", `${stray}: ${message}`, [{ path: stray, message }]);
}

function unfitFrom(message: string): Refusal {
  return refuse("invalid_input", `from: ${message}`, [{ path: "from", message }]);
}
