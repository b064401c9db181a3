/**
 * Executions of plans: started, read, moved, resolved. An execution keeps the version of the plan that it was started with.
 * Who may see or move one is decided by the execution itself.
 */
import { cursorOf } from "../../contract/cursors.ts";
import { apiStatusOf } from "../../contract/plan-executions/bodies.ts";
import type {
  ApiStatus,
  PlanExecutionPatch,
  PlanExecutionRequest,
  PlanExecutionsQuery,
  ResolveTaskRequest,
} from "../../contract/plan-executions/requests.ts";
import { STATUSES_OF } from "../../contract/plan-executions/requests.ts";
import { listedFor } from "../../domain/execution/access.ts";
import { timeoutMsOf } from "../../domain/execution/child-origin.ts";
import type { CreateCommand, DispatchCommand } from "../../domain/execution/command.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Status } from "../../domain/execution/status.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { PlanRecord } from "../../domain/plan/plan.ts";
import type { PlanProgress, PlanRow } from "../../domain/read-models/plan-progress.ts";
import { planProgressFrom, planProgressOf } from "../../domain/read-models/plan-progress.ts";
import type { PlanExecutionView, ReportPage, ReportQuery } from "../../domain/read-models/plan-view.ts";
import { summaryOfState } from "../../domain/read-models/run-member.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { Admission } from "../admission.ts";
import type { OpenExecutions } from "../executions/open-executions.ts";
import type { ExecutionClient, Registry } from "../ports.ts";
import { movesNamed } from "./plan-moves.ts";
import type { Plans } from "./plans.ts";

/** Times of agents that poll, in milliseconds. */
export interface WorkTimes {
  readonly leaseMs: number;
  readonly outsideMs: number;
  readonly escalateMs: number;
}

interface Parts {
  readonly client: ExecutionClient;
  readonly plans: Pick<Plans, "get">;
  readonly registry: Pick<Registry, "list">;
  readonly admission: Admission;
  readonly open: OpenExecutions;
  readonly times: WorkTimes;
  readonly digest: (text: string) => string;
  readonly newRunId: () => string;
}

/** Under which executions of plans stand in the index, whose functions are called `agent.function`. */
const AGENT = "plan";

interface Made {
  readonly view: PlanExecutionView;
  readonly isNew: boolean;
}

export class PlanExecutions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async start(caller: Principal, request: PlanExecutionRequest): Promise<Result<Made>> {
    const { plans, client, admission, open } = this.#parts;
    const plan = await plans.get(caller, request.plan_id, request.version);
    if (!plan.ok) return plan;
    const id = request.id ?? client.newId(caller.tenant);
    const full = admission.refusal(id) ?? (await open.refusal(caller.tenant));
    if (full && !(request.id !== undefined && (await client.plan(caller, id, { brief: true })).ok)) return full;
    const command = this.#command(caller, request, { id, plan: plan.value });
    const started = await client.start(caller, command, { holdMs: 0 });
    if (!started.ok) return started;
    const view = await client.plan(caller, id, { brief: true });
    return view.ok ? accept({ view: view.value, isNew: started.value.changed }) : view;
  }

  #command(
    { tenant, subject: owner }: Principal,
    { agent_id: agentId, start, id: named, version }: PlanExecutionRequest,
    { id, plan }: { readonly id: string; readonly plan: PlanRecord },
  ): CreateCommand {
    const asked = { plan: plan.id, version: version ?? null, agent: agentId ?? null, start };
    return {
      type: "create",
      origin: {
        id,
        tenant,
        owner,
        agent: AGENT,
        fn: plan.id,
        kind: "plan",
        version: String(plan.version),
        runId: this.#parts.newRunId(),
        owned: false,
        digest: this.#parts.digest(canonicalJson(asked)),
        ...(named === undefined ? {} : { named: true }),
        limits: {},
        timeoutMs: timeoutMsOf(undefined),
        plan: {
          id: plan.id,
          version: plan.version,
          ...(agentId ? { agentId } : {}),
          ...this.#parts.times,
        },
      },
      input: { plan_id: plan.id, version: plan.version },
      parsed: { same: true },
      plan: plan.plan,
      ...(start ? {} : { stays: true }),
    };
  }

  get(caller: Principal, id: string): Promise<Result<PlanExecutionView>> {
    return this.#parts.client.plan(caller, id, { brief: false });
  }

  reports(caller: Principal, id: string, query: ReportQuery): Promise<Result<ReportPage>> {
    return this.#parts.client.reports(caller, id, query);
  }

  /**
   * Out of the index, as each was when it last moved or a task was done. Rows that older code wrote say nothing of the plan: these are asked.
   * One that does not answer stands there as the index knows it, and says so.
   */
  async list(
    caller: Principal,
    { limit, cursor, status, plan_id: planId }: PlanExecutionsQuery,
  ): Promise<{ readonly items: readonly PlanRow[]; readonly nextCursor: string | null }> {
    const filter = {
      ...listedFor(caller),
      agent: AGENT,
      ...(planId === undefined ? {} : { fn: planId }),
      ...(status === undefined ? {} : { statuses: lookedFor(status) }),
    };
    const { rows, resumeAfter } = await this.#parts.registry.list(filter, { limit: limit + 1, from: cursor });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : resumeAfter;
    const ofPlans = shown.filter(({ kind }) => kind === "plan");
    const known = await Promise.all(ofPlans.map((row) => this.#withProgress(caller, row)));
    const items = known.flatMap((item) => (item && isWanted(item, status) ? [item] : []));
    return { items, nextCursor: last ? cursorOf(last) : null };
  }

  async #withProgress(caller: Principal, row: ExecutionSummary): Promise<PlanRow | undefined> {
    const progress = planProgressFrom(row.planProgress);
    if (progress) return { row, progress };
    const view = await this.#parts.client.plan(caller, row.id, { brief: true });
    if (view.ok) return { row: summaryOfState(view.value.state), progress: planProgressOf(view.value) };
    return view.code === "not_found" || view.code === "gone"
      ? undefined
      : { row, progress: unknownProgress(row, view) };
  }

  /** Moves it by the table of moves; where it stands already is no move. */
  async change(caller: Principal, id: string, patch: PlanExecutionPatch): Promise<Result<PlanExecutionView>> {
    const found = await this.#parts.client.plan(caller, id, { brief: true });
    if (!found.ok) return found;
    const { status } = found.value.state;
    const commands = commandsOf(caller, status, patch);
    if (!commands.ok) return movesNamed(commands, status, patch.status);
    for (const command of commands.value) {
      const moved = await this.#parts.client.dispatch(caller, id, command);
      if (!moved.ok) return movesNamed(moved, status, patch.status);
    }
    return this.#parts.client.plan(caller, id, { brief: true });
  }

  async resolve(caller: Principal, id: string, request: ResolveTaskRequest): Promise<Result<PlanExecutionView>> {
    const resolved = await this.#parts.client.dispatch(caller, id, resolveCommand(caller, request));
    if (!resolved.ok) return resolved;
    const view = await this.#parts.client.plan(caller, id, { brief: true });
    if (view.ok || view.code !== "not_found") return view;
    // An approver that may not read it hears where it stands now.
    const { state } = resolved.value;
    const { tasksCompleted = 0, subtasksCompleted = 0 } = state.work ?? {};
    return accept({ state, current: undefined, tasksCompleted, subtasksCompleted, why: undefined });
  }
}

/** Nothing is known of its plan but the id. */
function unknownProgress({ id, fn }: ExecutionSummary, { code }: Refusal): PlanProgress {
  const sentence = `its counts are not known, because it does not answer now (${code}): GET /api/executions/${id} asks it again`;
  const counts = { tasks: 0, tasksCompleted: 0, subtasks: 0, subtasksCompleted: 0 };
  return { planId: fn, version: 0, ...counts, sentence };
}

/** One that failed and was dismissed is CANCELLED here, and failed in the index. */
function lookedFor(status: ApiStatus): readonly Status[] {
  return status === "CANCELLED" ? [...STATUSES_OF.CANCELLED, ...STATUSES_OF.FAILED] : STATUSES_OF[status];
}

function isWanted({ row, progress }: PlanRow, status: ApiStatus | undefined): boolean {
  return status === undefined || apiStatusOf(row.status, progress) === status;
}

function resolveCommand({ subject: by }: Principal, request: ResolveTaskRequest): DispatchCommand {
  const { task_id: subtask, option = "", escalate_to: to, action, params, output_data: output, comment } = request;
  if (to !== undefined) return { type: "escalate_work", subtask, to, by };
  return { type: "resolve_work", subtask, option, action, params, output, comment, by };
}

type Moves = Result<readonly DispatchCommand[]>;

const NONE: Moves = accept([]);
const one = (command: DispatchCommand): Moves => accept([command]);

function commandsOf({ subject: by }: Principal, from: Status, patch: PlanExecutionPatch): Moves {
  const reason = patch.reason === undefined ? {} : { reason: patch.reason };
  switch (patch.status) {
    case "QUEUED":
      return one({ type: "queue_plan" });
    case "RUNNING":
      if (from === "queued") return one({ type: "begin_plan" });
      if (from === "blocked" && patch.option !== undefined)
        return one({
          type: "resolve_work",
          option: patch.option,
          by,
          ...(patch.reason ? { comment: patch.reason } : {}),
        });
      return one({ type: "resume", by, ...reason });
    case "PAUSED":
      return one({ type: "pause", by, ...reason });
    case "CANCELLED":
      if (from === "cancelled") return NONE;
      if (from === "failed" || from === "timeout") return one({ type: "dismiss_failure", by });
      return isTerminal(from) ? illegalEnd(from) : one({ type: "cancel", by, ...reason });
  }
  patch.status satisfies never;
  return NONE;
}

function illegalEnd(from: Status): Refusal {
  return refuse("invalid_state", `an execution that is ${from} cannot be cancelled: it has ended`);
}
