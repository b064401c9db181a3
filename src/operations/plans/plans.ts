/**
 * Plans as documents: stored in versions, read, listed.
 *
 * - A plan is its owner's. To others of the tenant without the scope `admin`, and to other tenants, it does not exist; only that
 *   its id is taken is said, since ids are unique in a tenant.
 * - A version never changes. The same content again is the version that is there: a request may be sent twice.
 * - The owner of a plan stays its owner when another subject stores the next version.
 */

import { cursorOf } from "../../contract/cursors.ts";
import { planOf } from "../../contract/plans/from-request.ts";
import type { PlanRequest, PlansQuery, VersionsQuery } from "../../contract/plans/requests.ts";
import { listedFor, owns } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import { graphOf, taskSequence } from "../../domain/plan/graph.ts";
import { PLAN_LIMITS } from "../../domain/plan/limits.ts";
import type { Plan, PlanRecord, PlanSummary } from "../../domain/plan/plan.ts";
import { subtasksOf } from "../../domain/plan/plan.ts";
import { contentOf, revisionOf } from "../../domain/plan/revision.ts";
import type { ListScope } from "../../domain/read-models/summary.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import { pageOfItems } from "../page-of.ts";
import type { PlanHead, PlanStore } from "./ports.ts";

interface Parts {
  readonly store: PlanStore;
  readonly digest: (text: string) => string;
  readonly newPlanId: () => string;
  readonly limits: Limits;
  readonly now: () => number;
}

interface Stored {
  readonly record: PlanRecord;
  /** False: its newest version was this one already. */
  readonly isNew: boolean;
}

interface Page {
  readonly items: readonly PlanSummary[];
  readonly nextCursor: string | null;
}

/** Versions that others store at the same time come first; so often it is tried to come behind them. */
const TRIES = 5;

export class Plans {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async create(caller: Principal, request: PlanRequest): Promise<Result<Stored>> {
    const nowMs = this.#parts.now();
    const plan = planOf(request, nowMs);
    if (!plan.ok) return plan;
    const id = request.plan_id ?? this.#parts.newPlanId();
    for (let n = 0; n < TRIES; n += 1) {
      const stored = await this.#store(caller, request, { id, plan: plan.value, nowMs });
      if (stored) return stored;
    }
    return tooManyChanges(id);
  }

  /** `undefined`: another version came first. */
  async #store(
    caller: Principal,
    request: Pick<PlanRequest, "owner" | "expected_version">,
    { id, plan, nowMs }: { readonly id: string; readonly plan: Plan; readonly nowMs: number },
  ): Promise<Result<Stored> | undefined> {
    const { store } = this.#parts;
    const head = await store.head(caller.tenant, id);
    if (head && !owns(caller, head)) return refuse("id_taken", `plan_id: "${id}" is taken in your tenant`);
    const refused = refusalOfOwner(caller, request, head);
    if (refused) return refused;
    const digest = this.#parts.digest(contentOf(plan));
    const before = head && (await store.read(head));
    if (before && !before.ok) return before;
    if (head && before && head.digest === digest)
      return accept({ record: { ...head, plan: before.value }, isNew: false });
    // Behind that: a change that was stored, and whose answer was lost, is sent again with the version before it.
    const { expected_version: expected } = request;
    if (expected !== undefined && expected !== (head?.version ?? 0)) return conflict(expected, head);
    const revised = before ? revisionOf(before.value, plan) : plan;
    const text = JSON.stringify(revised);
    const bytes = utf8Bytes(text);
    const full = await this.#refusalOfRoom(caller.tenant, head, bytes);
    if (full) return full;
    const record: PlanRecord = {
      tenant: caller.tenant,
      id,
      owner: head?.owner ?? request.owner ?? caller.subject,
      version: (head?.version ?? 0) + 1,
      goal: plan.goal,
      tasks: plan.tasks.length,
      subtasks: subtasksOf(plan),
      createdAtMs: head?.createdAtMs ?? nowMs,
      updatedAtMs: nowMs,
      updatedBy: caller.subject,
      plan: revised,
    };
    const { plan: _document, ...version } = record;
    const wasStored = await store.append({ ...version, digest, text, bytes });
    return wasStored ? accept({ record, isNew: true }) : undefined;
  }

  /** Stores what `change` makes of the newest version as the next one; it is asked again when another version comes first. */
  async amend(
    caller: Principal,
    id: string,
    change: (plan: Plan, nowMs: number) => Result<Plan>,
  ): Promise<Result<PlanRecord>> {
    for (let n = 0; n < TRIES; n += 1) {
      const newest = await this.get(caller, id);
      if (!newest.ok) return newest;
      const nowMs = this.#parts.now();
      const changed = change(newest.value.plan, nowMs);
      if (!changed.ok) return changed;
      const { version: expected_version } = newest.value;
      const stored = await this.#store(caller, { expected_version }, { id, plan: changed.value, nowMs });
      if (stored?.ok) return accept(stored.value.record);
      if (stored && stored.code !== "version_conflict") return stored;
    }
    return tooManyChanges(id);
  }

  async #refusalOfRoom(tenant: string, head: PlanHead | undefined, bytes: number): Promise<Refusal | undefined> {
    const { limits, store } = this.#parts;
    const { versions } = PLAN_LIMITS;
    if (head && head.version >= versions)
      return refuse("plans_full", `"${head.id}" has ${head.version} versions, and a plan has at most ${versions}`);
    const used = await store.usage(tenant);
    if (used + bytes <= limits.planBytes) return undefined;
    const detail = `the plans of this tenant have ${used} bytes, this version has ${bytes}, and there are ${inWords("planBytes", limits)}`;
    return refuse("plans_full", detail);
  }

  /** Refuses what `create` would refuse for its content, and else says in which order the tasks can be done. */
  validate(request: PlanRequest): Result<{ readonly plan: Plan; readonly sequence: readonly string[] }> {
    const plan = planOf(request, this.#parts.now());
    if (!plan.ok) return plan;
    const sequence = taskSequence(graphOf(plan.value)).map((at) => plan.value.tasks[at]?.id ?? "");
    return accept({ plan: plan.value, sequence });
  }

  /** The newest version, or the named one. */
  async get(caller: Principal, id: string, version?: number): Promise<Result<PlanRecord>> {
    const head = await this.#visible(caller, id);
    if (!head.ok) return head;
    const wanted = version === undefined ? head.value : await this.#parts.store.version(head.value, version);
    if (!wanted) {
      const detail = `version ${version} of "${id}" is not there: it has the versions 1 to ${head.value.version}`;
      return refuse("not_found", detail);
    }
    const plan = await this.#parts.store.read(wanted);
    return plan.ok ? accept({ ...wanted, plan: plan.value }) : plan;
  }

  /** Newest first by when each was first stored. */
  async list(caller: Principal, { limit, cursor }: PlansQuery): Promise<Page> {
    const scope: ListScope = listedFor(caller);
    const found = await this.#parts.store.list(scope, { limit: limit + 1, from: cursor });
    return pageOfItems(found, limit, cursorOf);
  }

  async versions(caller: Principal, id: string, { limit, cursor }: VersionsQuery): Promise<Result<Page>> {
    const head = await this.#visible(caller, id);
    if (!head.ok) return head;
    const found = await this.#parts.store.versions(head.value, { limit: limit + 1, before: cursor });
    return accept(pageOfItems(found, limit, ({ version }) => String(version)));
  }

  /** With all its versions. */
  async remove(caller: Principal, id: string): Promise<Result<null>> {
    const head = await this.#visible(caller, id);
    if (!head.ok) return head;
    await this.#parts.store.remove(head.value);
    return accept(null);
  }

  async #visible(caller: Principal, id: string): Promise<Result<PlanHead>> {
    const head = await this.#parts.store.head(caller.tenant, id);
    if (head && owns(caller, head)) return accept(head);
    return refuse("not_found", `there is no plan "${id.slice(0, 200)}": GET /api/plans lists those that you may see`);
  }
}

function tooManyChanges(id: string): Refusal {
  return refuse("version_conflict", `"${id}" changes too often at the moment: read it, and send your change again`);
}

function conflict(expected: number, head: PlanHead | undefined): Refusal {
  const there = head ? `the newest version is ${head.version}` : "there is no such plan";
  return refuse("version_conflict", `expected_version: is ${expected}, and ${there}`);
}

function refusalOfOwner(
  caller: Principal,
  { owner }: Pick<PlanRequest, "owner">,
  head: PlanHead | undefined,
): Refusal | undefined {
  if (owner === undefined || owner === null || owner === (head?.owner ?? caller.subject)) return undefined;
  if (!head && hasScope(caller, "admin")) return undefined;
  const message = head
    ? `the owner of this plan is "${head.owner}" and stays it: leave the field out, or store it under another plan_id`
    : `is not you ("${caller.subject}"): only a key with the scope admin stores plans for others, so leave the field out`;
  return refuse("invalid_input", `owner: ${message}`, [{ path: "owner", message }]);
}
