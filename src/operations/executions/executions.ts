/**
 * Starting and reading executions: resolve the target, validate the input, find the actor. Knows no HTTP.
 */
import type { CreateCommand, ParsedInput } from "../../domain/execution/command.ts";
import { refusedDeadline } from "../../domain/execution/deadline.ts";
import { parseExecutionId } from "../../domain/execution/execution-id.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Admission } from "../admission.ts";
import type { RemoteAgents } from "../nodes/remote-agents.ts";
import type { Catalog, ExecutionClient } from "../ports.ts";
import type { LongPolls } from "../stream/long-polls.ts";
import { untilStatus } from "../stream/watch.ts";
import type { Found } from "../target.ts";
import { checkInput } from "../target.ts";
import { createCommand } from "./create-command.ts";
import { findTarget } from "./find-target.ts";
import { HOLD_MS, heldRead, isOver } from "./held-read.ts";
import type { OpenExecutions } from "./open-executions.ts";
import type { Replays } from "./replays.ts";
import type { PlaceParts } from "./start-places.ts";
import { startPlaces } from "./start-places.ts";
import type { StartRequest } from "./start-request.ts";
import { isNamed, namesOurs, oneVersionKey, ownParent } from "./start-request.ts";
import { tooLarge } from "./start-size.ts";
import { underWay } from "./under-way.ts";
import type { Uploads } from "./uploads.ts";
import type { WebhookPort } from "./webhook-registration.ts";

export interface ExecutionParts extends PlaceParts {
  readonly client: ExecutionClient;
  readonly catalog: Catalog;
  readonly remote: RemoteAgents;
  readonly admission: Admission;
  readonly open: OpenExecutions;
  readonly polls: LongPolls;
  readonly replays: Replays;
  readonly uploads: Uploads;
  readonly webhooks: WebhookPort;
  readonly newRunId: () => string;
  readonly now: () => number;
}

export class Executions {
  readonly #parts: ExecutionParts;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
  }

  start(caller: Principal, request: StartRequest): Promise<Result<ExecutionView>> {
    const start = () => this.#start(caller, request);
    return request.waitMs > 0 ? this.#parts.polls.during(caller.tenant, start) : start();
  }

  async #start(caller: Principal, request: StartRequest): Promise<Result<ExecutionView>> {
    const rootless = this.#rootless(caller, request);
    if (rootless) return rootless;
    const found = request.found
      ? accept(request.found)
      : await findTarget(this.#parts, caller, { ...request, key: oneVersionKey(request) ?? this.#parts.newRunId() });
    if (!found.ok) return found;
    const unfit = tooLarge(request) ?? this.#tooLate(request);
    if (unfit) return unfit;
    const checked = await checkInput(found.value.definition, request.input, request.stray);
    if (!checked.ok) return checked;
    const { uploads } = this.#parts;
    const files = uploads.check(request.target, found.value.definition.files, request.uploads ?? []);
    if (!files.ok) return files;
    const id = this.#idOf(caller, request);
    if (!id.ok) return id;
    const command = createCommand(this.#parts, caller, {
      ...{ id: id.value, request, found: found.value, files: files.value, parsed: checked.value },
      places: found.value.builtIn === "bulk" ? {} : await this.#places(caller, request, [found.value, checked.value]),
    });
    if (command.origin.parentId === command.origin.id) return ownParent();
    const orphan = await this.#orphan(caller, command);
    if (orphan) return orphan;
    const full = this.#noRoom(command) ?? (await this.#tooMany(caller, command, request));
    if (full) return full;
    const stored = await uploads.store(command, files.value);
    if (!stored.ok) return stored;
    const holdMs = Math.min(request.waitMs, HOLD_MS);
    return underWay(command.origin.id, async () => {
      const started = await this.#parts.client.start(caller, stored.value, { holdMs });
      // Refused, or a repetition of a start that had brought its own.
      if (!started.ok || !started.value.changed) await uploads.withdraw(stored.value);
      if (!started.ok) return started;
      return this.#settled(caller, { view: started.value.view, waitMs: request.waitMs - HOLD_MS });
    });
  }

  async #places(caller: Principal, request: StartRequest, [found, parsed]: readonly [Found, ParsedInput]) {
    const { input, headers, context } = request;
    const start = { found, input, parsed, sessionId: headers["x-session-id"] };
    const [places, replay] = await Promise.all([
      startPlaces(this.#parts, caller.tenant, start),
      this.#parts.replays.of(caller, { headers, agent: found.agent, fn: found.definition.name, input, context }),
    ]);
    return { ...places, ...replay };
  }

  /** A key of a node that starts children only. */
  #rootless(caller: Principal, { headers }: StartRequest): Refusal | undefined {
    if (hasScope(caller, "execute") || namesOurs(headers)) return undefined;
    const how = "name an execution that was dispatched to its node in X-Parent-Execution-ID, or";
    return refuse("forbidden_scope", `this key starts children only: ${how} use a key with the scope "execute" too`);
  }

  /** Of this machine; a start that is queued waits for it there. */
  #noRoom({ origin }: CreateCommand): Refusal | undefined {
    const queued = (parseExecutionId(origin.id)?.shard ?? 0) > 0;
    return queued ? undefined : this.#parts.admission.refusal(origin.id);
  }

  /** Of a tenant that has too many open, a repetition of what it started is answered all the same. */
  async #tooMany(caller: Principal, { origin }: CreateCommand, request: StartRequest): Promise<Refusal | undefined> {
    const refusal = origin.builtIn === "bulk" ? undefined : await this.#parts.open.refusal(caller.tenant);
    const repeats = refusal && isNamed(request) && (await this.#parts.client.view(caller, origin.id)).ok;
    return repeats ? undefined : refusal;
  }

  /** A named start may be a repetition, which its own actor knows. */
  #tooLate(request: StartRequest): Refusal | undefined {
    return isNamed(request) ? undefined : refusedDeadline(request.deadlineMs, this.#parts.now());
  }

  /** Without `waitMs` only what a node works at is held, and not for long. */
  async get(caller: Principal, id: string, waitMs?: number): Promise<Result<ExecutionView>> {
    const view = await this.#parts.client.view(caller, id);
    if (view.ok && waitMs === undefined) return heldRead(this.#parts, caller, view.value);
    if (!view.ok || !waitMs || isTerminal(view.value.state.status)) return view;
    return this.#parts.polls.during(caller.tenant, () => this.#changed(caller, { id, view: view.value, waitMs }));
  }

  /** The execution once it has ended, or needs a person, or when the time is over. */
  async settled(caller: Principal, id: string, waitMs: number): Promise<Result<ExecutionView>> {
    const untilMs = this.#parts.now() + waitMs;
    let view = await this.#parts.client.view(caller, id);
    for (
      let left = waitMs;
      view.ok && left > 0 && !isOver(view.value.state.status);
      left = untilMs - this.#parts.now()
    ) {
      const asked = { id, view: view.value, waitMs: left };
      view = await this.#parts.polls.during(caller.tenant, () => this.#changed(caller, asked));
    }
    return view;
  }

  /** The execution once its status is another one than `view` shows, or when the time is over. */
  async #changed(
    caller: Principal,
    { id, view, waitMs }: { readonly id: string; readonly view: ExecutionView; readonly waitMs: number },
  ): Promise<Result<ExecutionView>> {
    const { status, seq } = view.state;
    const changed = await this.#parts.client.view(caller, id, {
      sinceSeq: seq,
      holdMs: Math.min(waitMs, HOLD_MS),
    });
    if (!changed.ok || changed.value.state.status !== status || waitMs <= HOLD_MS) return changed;
    // It has no object that could be watched: its queue is asked again.
    if (changed.value.queue) return this.#changed(caller, { id, view: changed.value, waitMs: waitMs - HOLD_MS });
    await untilStatus(
      { client: this.#parts.client, caller, executionId: id },
      (now) => now !== status,
      waitMs - HOLD_MS,
    );
    return this.#parts.client.view(caller, id);
  }

  /** Waits on for an end, or for a person to be needed, on a socket that pins nothing. */
  async #settled(
    caller: Principal,
    { view, waitMs }: { view: ExecutionView; waitMs: number },
  ): Promise<Result<ExecutionView>> {
    if (waitMs <= 0 || isOver(view.state.status)) return accept(view);
    const { id } = view.state.origin;
    await untilStatus({ client: this.#parts.client, caller, executionId: id }, isOver, waitMs);
    return this.#parts.client.view(caller, id);
  }

  /** A parent of ours that is not there for this caller: said before an object of the child is made. A repetition asks none. */
  async #orphan(caller: Principal, { origin }: CreateCommand): Promise<Refusal | undefined> {
    const { parentId, named } = origin;
    if (parentId === undefined || parseExecutionId(parentId) === undefined) return undefined;
    const { client } = this.#parts;
    if (named && (await client.view(caller, origin.id)).ok) return undefined;
    // Nothing stands there: the parent answers whether it is there, and reads no row.
    const parent = await client.events(caller, parentId, { after: Number.MAX_SAFE_INTEGER, limit: 1 });
    return parent.ok ? undefined : parent;
  }

  /** One actor for one id, and one for one key of one user: so a repeated start finds the first. */
  #idOf({ tenant, subject }: Principal, { id, headers, waitMs, schedule }: StartRequest): Result<string> {
    const { client } = this.#parts;
    if (schedule) return accept(schedule.executionId);
    const queued = waitMs === 0;
    const key = headers["idempotency-key"];
    if (id !== undefined && key !== undefined) {
      const message = "makes the start safe to repeat already: send it without the header Idempotency-Key";
      return refuse("invalid_input", `id: ${message}`, [{ path: "id", message }]);
    }
    if (id !== undefined) return accept(id);
    return accept(key === undefined ? client.newId(tenant, { queued }) : client.idNamed(tenant, "key", subject, key));
  }
}
