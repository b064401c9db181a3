/** Schedules: made, changed, read. Whether target and input fit is asked when it is made or changed; what fires is the actor's business. */
import { cursorOf } from "../../contract/cursors.ts";
import type { ScheduleBody, ShownSchedule } from "../../contract/schedules/bodies.ts";
import { scheduleSummary } from "../../contract/schedules/bodies.ts";
import type { ScheduleChange, ScheduleRequest, SchedulesQuery } from "../../contract/schedules/requests.ts";
import { SCHEDULE_ID } from "../../contract/schedules/requests.ts";
import { iso } from "../../contract/wire.ts";
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ReadSession } from "../../domain/read-models/summary.ts";
import { nextInstant } from "../../domain/schedule/due.ts";
import type { ScheduleRow } from "../../domain/schedule/row.ts";
import type { ScheduleSpec } from "../../domain/schedule/spec.ts";
import { instantAfter, nextInstants } from "../../domain/schedule/spec.ts";
import type { NumberedFiring } from "../../domain/schedule/state.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import { findTarget } from "../executions/find-target.ts";
import type { RemoteAgents } from "../nodes/remote-agents.ts";
import { pageOfItems } from "../page-of.ts";
import type { Catalog } from "../ports.ts";
import { checkInput } from "../target.ts";
import type {
  FiringPage,
  Held,
  ScheduleClient,
  ScheduleIndex,
  SchedulePlace,
  ScheduleView,
  Triggered,
} from "./ports.ts";
import { specOf } from "./schedule-spec.ts";

export interface ScheduleParts {
  readonly client: ScheduleClient;
  readonly index: ScheduleIndex;
  readonly catalog: Catalog;
  readonly remote: RemoteAgents;
  readonly limits: Limits;
  readonly newId: () => string;
  readonly now: () => number;
}

const SHOWN = 5;
const COUNT_GOOD_FOR_MS = 10_000;
const MOST_TENANTS = 1_000;
/** Others may change the same schedule in between. */
const MOST_TRIES = 5;

export class Schedules {
  readonly #parts: ScheduleParts;
  readonly #counts = new LruCache<string, { count: number }>(MOST_TENANTS);

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  async create(
    caller: Principal,
    { schedule_id, paused = false, ...sent }: ScheduleRequest,
  ): Promise<Result<{ readonly body: ScheduleBody; readonly made: boolean }>> {
    const { client, newId, now } = this.#parts;
    const spec = await this.#fitting(caller, specOf(sent, undefined, now()));
    if (!spec.ok) return spec;
    const place = { tenant: caller.tenant, id: schedule_id ?? newId() };
    const full = await this.#full(place, schedule_id !== undefined);
    if (full) return full;
    const made = await client.create(caller, place, { spec: spec.value, paused, declared: false });
    if (!made.ok) return made;
    return accept({ body: this.#body(made.value.schedule), made: made.value.made });
  }

  async get(caller: Principal, id: string): Promise<Result<ScheduleBody>> {
    return this.#shown(await this.#view(caller, id));
  }

  async change(caller: Principal, id: string, { paused, ...sent }: ScheduleChange): Promise<Result<ScheduleBody>> {
    const { client, now } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const view = await this.#view(caller, id);
      if (!view.ok) return view;
      const { spec: before } = view.value;
      const isSame = Object.keys(sent).length === 0;
      const spec = isSame ? accept(before) : await this.#fitting(caller, specOf(sent, before, now()));
      if (!spec.ok) return spec;
      const change = { spec: spec.value, paused, rev: view.value.rev };
      const changed = await client.respecify(caller, placeOf(caller, id), change);
      if (!changed.ok) return changed;
      if (changed.value) return accept(this.#body(changed.value));
    }
    return refuse("unavailable", "others change the same schedule at the same time");
  }

  async hold(caller: Principal, id: string, held: Held): Promise<Result<ScheduleBody>> {
    return this.#shown(await this.#known(caller, id, (place) => this.#parts.client.hold(caller, place, held)));
  }

  remove(caller: Principal, id: string): Promise<Result<null>> {
    this.#counts.delete(caller.tenant);
    return this.#known(caller, id, (place) => this.#parts.client.remove(caller, place));
  }

  trigger(caller: Principal, id: string, name: string | undefined): Promise<Result<Triggered>> {
    return this.#known(caller, id, (place) => this.#parts.client.trigger(caller, place, name));
  }

  async history(
    caller: Principal,
    id: string,
    { limit, before }: Partial<FiringPage> & { readonly limit: number },
  ): Promise<Result<{ readonly rows: readonly NumberedFiring[]; readonly nextCursor: string | null }>> {
    const page = { before: before ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 };
    const found = await this.#known(caller, id, (place) => this.#parts.client.history(caller, place, page));
    if (!found.ok) return found;
    const rows = found.value.slice(0, limit);
    const last = found.value.length > limit ? rows.at(-1) : undefined;
    return accept({ rows, nextCursor: last ? String(last.n) : null });
  }

  async next(caller: Principal, id: string, count: number) {
    const view = await this.#view(caller, id);
    if (!view.ok) return view;
    const { spec, status } = view.value;
    const instants = status === "ended" ? [] : this.#next(view.value, count);
    return accept({ schedule_id: id, timezone: spec.when.timezone, instants: instants.map(iso) });
  }

  async list(caller: Principal, { limit, cursor, status, target }: SchedulesQuery, session?: ReadSession) {
    const { tenant, owner } = listedFor(caller);
    const filter = { tenant, owner, status, target, from: cursor, limit: limit + 1, session };
    const found = await this.#parts.index.list(filter);
    const { items, nextCursor } = pageOfItems(found, limit, cursorOf);
    return { items: items.map((row) => scheduleSummary(shownRow(row, this.#parts.now()))), next_cursor: nextCursor };
  }

  /** Whether there is such a function, and whether the input fits it. */
  async #fitting(caller: Principal, spec: Result<ScheduleSpec>): Promise<Result<ScheduleSpec>> {
    if (!spec.ok) return spec;
    const { target, input } = spec.value;
    const found = await findTarget(this.#parts, caller, { target, waitMs: 0 });
    if (!found.ok) return found;
    const checked = await checkInput(found.value.definition, input);
    return checked.ok ? spec : checked;
  }

  /** An index that is away refuses no schedule. */
  async #full({ tenant, id }: SchedulePlace, isNamed: boolean): Promise<Refusal | undefined> {
    const { index, limits, now } = this.#parts;
    const most = limits.schedules;
    let known = this.#counts.get(tenant, now());
    if (!known || known.count >= most) {
      const count = await index.count(tenant, most).catch(() => 0);
      known = { count };
      this.#counts.set(tenant, known, now() + COUNT_GOOD_FOR_MS);
    }
    if (known.count < most) {
      known.count += 1;
      return undefined;
    }
    if (isNamed && (await index.has({ tenant, id }).catch(() => true))) return undefined;
    return refuse("too_many_schedules", `there are ${known.count} already; ${inWords("schedules", limits)} are taken`);
  }

  /** No object is asked for a schedule that was never made: to ask one makes it. */
  async #known<T>(
    caller: Principal,
    id: string,
    ask: (place: SchedulePlace) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const place = placeOf(caller, id);
    const mayBe = SCHEDULE_ID.test(id) && (await this.#parts.index.has(place).catch(() => true));
    return mayBe ? ask(place) : refuse("not_found", "there is no such schedule");
  }

  #view(caller: Principal, id: string): Promise<Result<ScheduleView>> {
    return this.#known(caller, id, (place) => this.#parts.client.get(caller, place));
  }

  #shown(view: Result<ScheduleView>): Result<ScheduleBody> {
    return view.ok ? accept(this.#body(view.value)) : view;
  }

  #next(view: ScheduleView, count: number): number[] {
    const { spec, anchorMs, cursorMs, runs } = view;
    const left = spec.maxRuns === undefined ? count : Math.max(0, Math.min(count, spec.maxRuns - runs));
    const afterMs = Math.max(cursorMs, view.status === "paused" ? this.#parts.now() : 0);
    return nextInstants(spec, anchorMs, { afterMs, count: left });
  }

  #body(view: ScheduleView): ScheduleBody {
    const { spec, runs, waiting, lastId, status } = view;
    const { input, budget, metadata, attributes } = spec;
    const instants = status === "ended" ? [] : this.#next(view, SHOWN);
    const nextAtMs = status === "active" ? nextInstant(view) : undefined;
    return {
      ...scheduleSummary({ ...view, status: status === "deleted" ? "ended" : status, target: spec.target, nextAtMs }),
      input,
      ...(budget === undefined ? {} : { budget }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(attributes === undefined ? {} : { attributes }),
      ...{ runs, waiting: waiting.length },
      ...(lastId === undefined ? {} : { last_execution_id: lastId }),
      next_instants: instants.map(iso),
    };
  }
}

const placeOf = ({ tenant }: Principal, id: string): SchedulePlace => ({ tenant, id });

function shownRow(row: ScheduleRow, nowMs: number): ShownSchedule {
  const spec = JSON.parse(row.spec) as ShownSchedule["spec"];
  const nextAtMs = row.status === "active" ? instantAfter(spec, row.anchorMs, nowMs) : undefined;
  return { ...row, reason: row.reason ?? undefined, spec, nextAtMs };
}
