/**
 * One schedule as a Durable Object. It is a shell: `domain/schedule` decides when it fires and how each instant ends,
 * `ScheduleWork` acts, `ScheduleRows` stores. While nothing is due it is its rows and one alarm.
 */
import { DurableObject } from "cloudflare:workers";
import { owns } from "../domain/execution/access.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { systemPrincipal } from "../domain/execution/principal.ts";
import { deleted, paused, respecified, resumed, triggered } from "../domain/schedule/changes.ts";
import { changed } from "../domain/schedule/due.ts";
import { SCHEDULE_LIMITS } from "../domain/schedule/limits.ts";
import type { NumberedFiring, Schedule } from "../domain/schedule/state.ts";
import { newSchedule } from "../domain/schedule/state.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import { canonicalJson } from "../domain/values/json.ts";
import type {
  FiringPage,
  GivenSchedule,
  Held,
  Respecified,
  SchedulePlace,
  ScheduleView,
  Triggered,
} from "../operations/schedules/ports.ts";
import type { Vault } from "../vault/vault.ts";
import type { ActorClass } from "./rpc/actor-class.ts";
import type { AlarmPace } from "./schedules/alarm-pace.ts";
import { ScheduleRows } from "./schedules/schedule-store.ts";
import type { FiringPort } from "./schedules/schedule-work.ts";
import { ScheduleWork } from "./schedules/schedule-work.ts";
import { opened } from "./storage/opened.ts";

/** What the composition root knows and the actor does not. */
export interface ScheduleSurroundings<Env> {
  readonly vault: (env: Env) => Result<Vault>;
  readonly firing: (env: Env) => FiringPort;
  /** Writes the row of lists, or removes it; an older revision changes nothing. */
  readonly index: (env: Env) => (schedule: Schedule) => Promise<void>;
  /** An alarm has brought one into memory, past the admission of this machine. */
  readonly woken: (env: Env) => (place: SchedulePlace) => void;
  /** When the alarm of one goes off, and does its work. */
  readonly pace: (env: Env) => Pick<AlarmPace, "at" | "mayWorkAt">;
  readonly newUid: () => string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const AFTER_FAULT_MS = 30_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function scheduleActor<Env>(surroundings: ScheduleSurroundings<Env>): ActorClass<Env> {
  return class ScheduleActor extends DurableObject<Env> {
    #work: ScheduleWork | undefined;
    #store: ScheduleRows | undefined;
    #indexing: Promise<boolean> | undefined;

    async create(
      caller: Principal,
      place: SchedulePlace,
      { spec, paused: isPaused, declared }: GivenSchedule,
    ): Promise<Result<{ readonly schedule: ScheduleView; readonly made: boolean }>> {
      if (caller.tenant !== place.tenant) return unknown();
      const work = this.#open();
      if (!work.ok) return work;
      const known = work.value.schedule;
      if (known && known.status !== "deleted") {
        const isSame = owns(caller, known) && !known.declared && canonicalJson(known.spec) === canonicalJson(spec);
        if (!isSame) return refuse("id_taken", `a schedule "${place.id}" is there already, and says something else`);
        await this.#index(work.value);
        return accept({ schedule: viewOf(work.value.schedule ?? known), made: false });
      }
      const whose = { ...place, owner: caller.subject, uid: surroundings.newUid(), declared };
      const made = newSchedule({ ...whose, spec, paused: isPaused }, Date.now(), (known?.rev ?? 0) + 1);
      work.value.commit({ schedule: { ...made, rows: known?.rows ?? 0 }, firings: [] });
      await this.#index(work.value);
      return accept({ schedule: viewOf(work.value.schedule ?? made), made: true });
    }

    async declare(caller: Principal, place: SchedulePlace, given: GivenSchedule): Promise<Result<ScheduleView>> {
      // The code names its owner: who owned it before is not asked.
      const found = this.#enter(systemPrincipal(caller.tenant), place);
      if (!found.ok && found.code !== "not_found") return found;
      if (!found.ok) {
        const made = await this.create(caller, place, given);
        return made.ok ? accept(made.value.schedule) : made;
      }
      const { work, schedule } = found.value;
      if (!schedule.declared) return refuse("id_taken", `a schedule "${place.id}" was made by a call, and stays`);
      const isOwned = schedule.owner === caller.subject;
      const owned = isOwned ? schedule : changed({ ...schedule, owner: caller.subject }, Date.now());
      const next = respecified(owned, given.spec, Date.now());
      return this.#changed(work, schedule, next);
    }

    get(caller: Principal, place: SchedulePlace): Result<ScheduleView> {
      const found = this.#enter(caller, place);
      return found.ok ? accept(viewOf(found.value.schedule)) : found;
    }

    async respecify(
      caller: Principal,
      place: SchedulePlace,
      change: Respecified,
    ): Promise<Result<ScheduleView | null>> {
      const found = this.#enter(caller, place);
      if (!found.ok) return found;
      const { work, schedule } = found.value;
      if (schedule.declared && canonicalJson(change.spec) !== canonicalJson(schedule.spec)) return isDeclared(place);
      if (schedule.rev !== change.rev) return accept(null);
      const next = respecified(schedule, change.spec, Date.now());
      if (change.paused === undefined) return this.#changed(work, schedule, next);
      const held = heldAs(next, { paused: change.paused, reason: undefined });
      return held.ok ? this.#changed(work, schedule, held.value) : held;
    }

    async hold(caller: Principal, place: SchedulePlace, held: Held): Promise<Result<ScheduleView>> {
      const found = this.#enter(caller, place);
      if (!found.ok) return found;
      const { work, schedule } = found.value;
      const next = heldAs(schedule, held);
      return next.ok ? this.#changed(work, schedule, next.value) : next;
    }

    async remove(caller: Principal, place: SchedulePlace): Promise<Result<null>> {
      const found = this.#enter(caller, place);
      if (!found.ok) return found;
      const { work, schedule } = found.value;
      if (schedule.declared && caller.subject !== "system") return isDeclared(place);
      work.commit({ schedule: deleted(schedule, Date.now()), firings: [] });
      await this.#index(work);
      return accept(null);
    }

    async trigger(caller: Principal, place: SchedulePlace, name: string | undefined): Promise<Result<Triggered>> {
      const found = this.#enter(caller, place);
      if (!found.ok) return found;
      const { work, schedule } = found.value;
      const key = name === undefined ? `manual ${Date.now()} ${surroundings.newUid()}` : `manual named ${name}`;
      const isUnderWay = schedule.starting?.entry.key === key || schedule.waiting.some((entry) => entry.key === key);
      // A key that was just drawn is not in the history.
      const before = name === undefined ? undefined : this.#firing(key, SCHEDULE_LIMITS.history);
      if (!before && !isUnderWay) work.commit({ schedule: triggered(schedule, key, Date.now()), firings: [] });
      await work.work();
      const added = (work.schedule?.rows ?? schedule.rows) - schedule.rows;
      const firing = before ?? this.#firing(key, added);
      const { starting } = work.schedule ?? {};
      const executionId = firing?.executionId ?? (starting?.entry.key === key ? starting.executionId : undefined);
      if (firing?.outcome === "refused") return refuse("invalid_input", firing.reason ?? "the start was refused");
      return accept({ firing, executionId });
    }

    history(caller: Principal, place: SchedulePlace, page: FiringPage): Result<NumberedFiring[]> {
      const found = this.#enter(caller, place);
      if (!found.ok) return found;
      const rows = opened(() => this.#store?.history(page) ?? [], "this schedule");
      return rows;
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        const work = this.#open();
        if (!work.ok) throw new Error(work.detail);
        if (work.value.schedule) surroundings.woken(this.env)(work.value.schedule);
        await work.value.alarm(() => this.#index(work.value));
      } catch (error) {
        surroundings.log({ level: "error", message: "a schedule's alarm failed", error: String(error) });
        await this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT_MS).catch(() => {});
      }
    }

    #open(): Result<ScheduleWork> {
      if (this.#work) return accept(this.#work);
      const vault = surroundings.vault(this.env);
      if (!vault.ok) return vault;
      const sealer = vault.value.sealerOf(this.ctx.id.toString());
      const made = opened(() => new ScheduleRows(this.ctx.storage, sealer), "this schedule");
      if (!made.ok) return made;
      this.#store = made.value;
      this.#work = new ScheduleWork({
        ...surroundings.firing(this.env),
        store: made.value,
        now: () => Date.now(),
        pace: (wantedMs) => surroundings.pace(this.env).at(this.ctx.id.toString(), wantedMs),
        mayWorkAt: (wantedMs) => surroundings.pace(this.env).mayWorkAt(this.ctx.id.toString(), wantedMs),
        log: (level, message, fields) => surroundings.log({ level, message, ...fields }),
      });
      return accept(this.#work);
    }

    /** The one check of access: answers `not_found` for a schedule of another subject, unless the caller is an administrator. */
    #enter(
      caller: Principal,
      place: SchedulePlace,
    ): Result<{ readonly work: ScheduleWork; readonly schedule: Schedule }> {
      if (caller.tenant !== place.tenant) return unknown();
      const work = this.#open();
      if (!work.ok) return work;
      const { schedule } = work.value;
      if (!schedule || schedule.status === "deleted" || !owns(caller, schedule)) return unknown();
      return accept({ work: work.value, schedule });
    }

    async #changed(work: ScheduleWork, before: Schedule, next: Schedule): Promise<Result<ScheduleView>> {
      if (next !== before) work.commit({ schedule: next, firings: [] });
      await this.#index(work);
      this.ctx.waitUntil(work.work());
      return accept(viewOf(work.schedule ?? next));
    }

    /** Of the newest `limit` rows of the history. */
    #firing(key: string, limit: number): NumberedFiring | undefined {
      return this.#store?.history({ before: Number.MAX_SAFE_INTEGER, limit }).find((row) => row.key === key);
    }

    /**
     * Tells the index, if it does not know the newest revision. Never rejects: the alarm tries again. Returns false when the
     * schedule was deleted, and is forgotten now.
     */
    #index(work: ScheduleWork): Promise<boolean> {
      this.#indexing ??= this.#indexOnce(work).finally(() => {
        this.#indexing = undefined;
      });
      return this.#indexing;
    }

    async #indexOnce(work: ScheduleWork): Promise<boolean> {
      for (let { schedule } = work; schedule && schedule.rev > schedule.indexedRev; { schedule } = work) {
        const { rev } = schedule;
        try {
          await surroundings.index(this.env)(schedule);
        } catch (error) {
          surroundings.log({ level: "warn", message: "the index does not take a schedule", error: String(error) });
          return true;
        }
        const { schedule: now } = work;
        if (now?.status === "deleted" && now.rev === rev) {
          await this.#forget();
          return false;
        }
        if (now) work.commit({ schedule: { ...now, indexedRev: rev }, firings: [] });
      }
      return true;
    }

    /** Removes everything: a schedule that is made under this id later begins anew. */
    async #forget(): Promise<void> {
      this.#work = undefined;
      this.#store = undefined;
      await this.ctx.storage.deleteAll();
    }
  };
}

function heldAs(schedule: Schedule, { paused: isPaused, reason }: Held): Result<Schedule> {
  if (schedule.status === "ended")
    return isPaused
      ? accept(schedule)
      : refuse("schedule_ended", `it has ended: ${schedule.reason ?? "no instant follows"}`);
  return accept(isPaused ? paused(schedule, reason ?? "it was paused", Date.now()) : resumed(schedule, Date.now()));
}

function viewOf({ frozen: _frozen, starting: _starting, ...view }: Schedule): ScheduleView {
  return view;
}

function isDeclared({ id }: SchedulePlace) {
  return refuse("schedule_declared", `the schedule "${id}" is declared in the code of this deployment`);
}

function unknown() {
  return refuse("not_found", "there is no such schedule");
}
