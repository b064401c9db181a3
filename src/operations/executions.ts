/**
 * Starting and reading executions: resolve the target, validate the input, find the actor. Knows no HTTP.
 */

import type { RunHeaders } from "../contract/requests.ts";
import { limitsOf } from "../contract/requests.ts";
import type { FunctionDefinition } from "../define/agent.ts";
import { check } from "../define/schema.ts";
import type { BudgetLimits } from "../domain/budget.ts";
import type { Caller } from "../domain/caller.ts";
import type { CreateCommand } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import { hexFromExecutionId } from "../domain/execution-id.ts";
import type { Refusal, Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import { isTerminal } from "../domain/status.ts";
import { parseTarget } from "../domain/target.ts";
import type { ExecutionView, Told } from "../domain/view.ts";
import type { Admission } from "./admission.ts";
import type { Catalog, ExecutionDoor } from "./ports.ts";
import { untilStatus } from "./watch.ts";

/** Active time an execution may take when its function says nothing: a week. */
const DEFAULT_TIMEOUT_MS = 168 * 3_600_000;
/** Inline input; more belongs into a file or a store of the caller's. */
const MAX_INPUT_BYTES = 1_048_576;
/** After this long in the actor's memory a wait moves to a hibernating socket. */
const HOLD_MS = 1_000;

export interface ExecutionParts {
  readonly door: ExecutionDoor;
  readonly catalog: Catalog;
  readonly admission: Admission;
  readonly digest: (text: string) => string;
  readonly newRunId: () => string;
}

export interface StartRequest {
  readonly target: string;
  readonly input: { [key: string]: Json };
  readonly budget: Parameters<typeof limitsOf>[0];
  readonly context: Json | undefined;
  readonly metadata: Json | undefined;
  readonly deadlineMs: number | undefined;
  readonly headers: RunHeaders;
  /** 0: accept and answer at once. */
  readonly waitMs: number;
}

export class Executions {
  readonly #parts: ExecutionParts;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
  }

  async start(caller: Caller, request: StartRequest): Promise<Result<ExecutionView>> {
    const found = this.#resolve(request.target);
    if (!found.ok) return found;
    const checked = await checkInput(found.value.definition, request.input);
    if (!checked.ok) return checked;
    const command = this.#command(caller, { request, found: found.value });
    const full = this.#parts.admission.refusal(command.origin.id);
    if (full) return full;
    const adopted = await this.#adopt(caller, command);
    if (!adopted.ok) return adopted;
    const joined = intoRunOf(command, { given: request.headers, parent: adopted.value });
    const started = await this.#parts.door.start(caller, joined, { holdMs: Math.min(request.waitMs, HOLD_MS) });
    if (!started.ok) return started;
    return this.#settled(caller, { view: started.value.view, waitMs: request.waitMs - HOLD_MS });
  }

  async get(caller: Caller, id: string, waitMs: number): Promise<Result<ExecutionView>> {
    const view = await this.#parts.door.view(caller, id);
    if (!view.ok || waitMs <= 0 || isTerminal(view.value.state.status)) return view;
    const { status } = view.value.state;
    const changed = await this.#parts.door.view(caller, id, {
      sinceSeq: view.value.state.seq,
      holdMs: Math.min(waitMs, HOLD_MS),
    });
    if (!changed.ok || changed.value.state.status !== status || waitMs <= HOLD_MS) return changed;
    await untilStatus({ door: this.#parts.door, caller, executionId: id }, (now) => now !== status, waitMs - HOLD_MS);
    return this.#parts.door.view(caller, id);
  }

  /** All events, page by page: the caller of this is an audit, not a hot path. */
  async log(caller: Caller, id: string): Promise<Result<{ view: ExecutionView; events: Event[] }>> {
    const view = await this.#parts.door.view(caller, id);
    if (!view.ok) return view;
    const events: Event[] = [];
    for (let after = 0; after < view.value.state.seq; after = events.at(-1)?.seq ?? view.value.state.seq) {
      const page = await this.#parts.door.events(caller, id, { after, limit: 1_000 });
      if (!page.ok) return page;
      events.push(...page.value);
      if (page.value.length === 0) break;
    }
    return accept({ view: view.value, events });
  }

  /** Waits on for an end, or for a person to be needed, on a socket that pins nothing. */
  async #settled(
    caller: Caller,
    { view, waitMs }: { view: ExecutionView; waitMs: number },
  ): Promise<Result<ExecutionView>> {
    if (waitMs <= 0 || isOver(view.state.status)) return accept(view);
    const { id } = view.state.origin;
    await untilStatus({ door: this.#parts.door, caller, executionId: id }, isOver, waitMs);
    return this.#parts.door.view(caller, id);
  }

  #resolve(target: string): Result<{ agent: string; version: string; definition: FunctionDefinition }> {
    const parsed = parseTarget(target);
    if (!parsed) return refuse("invalid_target", `"${target.slice(0, 200)}" is not of the form agent.function`);
    const agent = this.#parts.catalog.agents.get(parsed.agent);
    if (!agent) return refuse("target_not_found", `agent '${parsed.agent}' not found`);
    const definition = agent.functions.get(parsed.fn);
    if (!definition) return refuse("target_not_found", `target '${parsed.fn}' not found on agent '${parsed.agent}'`);
    return accept({ agent: agent.id, version: agent.version, definition });
  }

  #command(
    caller: Caller,
    {
      request,
      found,
    }: { request: StartRequest; found: { agent: string; version: string; definition: FunctionDefinition } },
  ): CreateCommand {
    const { headers } = request;
    const limits: BudgetLimits = limitsOf(request.budget);
    const givenRun = headers["x-run-id"] ?? headers["x-workflow-id"];
    const identity = {
      target: request.target,
      input: request.input,
      limits,
      run: givenRun ?? null,
      parent: headers["x-parent-execution-id"] ?? null,
    };
    const origin: CreateCommand["origin"] = {
      id: this.#parts.door.newId(caller.tenant, headers["idempotency-key"]),
      tenant: caller.tenant,
      owner: caller.subject,
      agent: found.agent,
      fn: found.definition.name,
      kind: found.definition.kind,
      version: found.version,
      runId: givenRun ?? this.#parts.newRunId(),
      // A parent of ours is told how it ends.
      owned: hexFromExecutionId(headers["x-parent-execution-id"] ?? "") !== undefined,
      digest: this.#parts.digest(canonicalJson(identity)),
      limits,
      timeoutMs: found.definition.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(headers["x-parent-execution-id"] === undefined ? {} : { parentId: headers["x-parent-execution-id"] }),
      ...(headers["x-session-id"] === undefined ? {} : { sessionId: headers["x-session-id"] }),
      ...(headers["x-actor-id"] === undefined ? {} : { actorId: headers["x-actor-id"] }),
      ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
    };
    return {
      type: "create",
      origin,
      input: request.input,
      ...(request.metadata === undefined ? {} : { metadata: request.metadata }),
      ...(request.context === undefined ? {} : { context: request.context }),
    };
  }

  /** A child that names one of our executions as its parent asks it first; any other name is only an edge in the run. */
  async #adopt(caller: Caller, { origin }: CreateCommand): Promise<Result<Told | null>> {
    const { parentId } = origin;
    if (parentId === undefined || hexFromExecutionId(parentId) === undefined) return accept(null);
    const command = {
      type: "adopt_child",
      childId: origin.id,
      target: `${origin.agent}.${origin.fn}`,
      digest: origin.digest,
    } as const;
    return this.#parts.door.tell(caller, parentId, command);
  }
}

/** A child that names no run joins its parent's. */
function intoRunOf(
  command: CreateCommand,
  { given, parent }: { readonly given: RunHeaders; readonly parent: Told | null },
): CreateCommand {
  const named = given["x-run-id"] ?? given["x-workflow-id"];
  if (named !== undefined || !parent) return command;
  return { ...command, origin: { ...command.origin, runId: parent.view.state.origin.runId } };
}

/** An end, or a wait for a person: nothing more comes by itself. */
function isOver(status: ExecutionView["state"]["status"]): boolean {
  return isTerminal(status) || status === "waiting" || status === "blocked" || status === "paused";
}

async function checkInput(definition: FunctionDefinition, input: { [key: string]: Json }): Promise<Result<null>> {
  const size = new TextEncoder().encode(JSON.stringify(input)).length;
  if (size > MAX_INPUT_BYTES) return tooLarge(size);
  const checked = await check(definition.input, input);
  if (checked.ok) return accept(null);
  const [first] = checked.errors;
  const where = first?.path ? `input.${first.path}` : "input";
  return refuse(
    "invalid_input",
    `${where}: ${first?.message ?? "does not fit"}`,
    checked.errors.map(({ path, message }) => ({ path: path ? `input.${path}` : "input", message })),
  );
}

function tooLarge(size: number): Refusal {
  return refuse(
    "payload_too_large",
    `input: has ${size} bytes, and at most ${MAX_INPUT_BYTES} (1 MiB) are taken inline`,
  );
}
