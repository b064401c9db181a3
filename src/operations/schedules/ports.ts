/** What the operations need of the actors of schedules and of their index. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { ScheduleFilter, ScheduleRow } from "../../domain/schedule/row.ts";
import type { ScheduleSpec } from "../../domain/schedule/spec.ts";
import type { Firing, NumberedFiring, Schedule } from "../../domain/schedule/state.ts";
import type { Result } from "../../domain/values/fault.ts";

/** Which schedule is meant. */
export interface SchedulePlace {
  readonly tenant: string;
  readonly id: string;
}

/** A schedule as readers see it: without what is under way. */
export type ScheduleView = Omit<Schedule, "frozen" | "starting">;

export interface GivenSchedule {
  readonly spec: ScheduleSpec;
  readonly paused: boolean;
  readonly declared: boolean;
}

export interface Respecified {
  readonly spec: ScheduleSpec;
  readonly paused?: boolean | undefined;
  /** What the specification was made of: refused as `stale` where it is another one by now. */
  readonly rev: number;
}

export interface Held {
  readonly paused: boolean;
  readonly reason: string | undefined;
}

/** A firing that a person asked for: done, or written down to be tried again. */
export interface Triggered {
  readonly firing: Firing | undefined;
  readonly executionId: string | undefined;
}

export interface FiringPage {
  readonly before: number;
  readonly limit: number;
}

/** The way to one schedule's actor. */
export interface ScheduleClient {
  /** Makes it; the same request again is answered with what is there. */
  create(
    caller: Principal,
    place: SchedulePlace,
    given: GivenSchedule,
  ): Promise<Result<{ readonly schedule: ScheduleView; readonly made: boolean }>>;
  get(caller: Principal, place: SchedulePlace): Promise<Result<ScheduleView>>;
  /** `null` where the specification was changed by others in the meantime. */
  respecify(caller: Principal, place: SchedulePlace, change: Respecified): Promise<Result<ScheduleView | null>>;
  /** Pauses or resumes. */
  hold(caller: Principal, place: SchedulePlace, held: Held): Promise<Result<ScheduleView>>;
  remove(caller: Principal, place: SchedulePlace): Promise<Result<null>>;
  trigger(caller: Principal, place: SchedulePlace, name: string | undefined): Promise<Result<Triggered>>;
  history(caller: Principal, place: SchedulePlace, page: FiringPage): Promise<Result<NumberedFiring[]>>;
  /** What code declares of it: made, or changed to this; whether it is paused stays as people said. */
  declare(caller: Principal, place: SchedulePlace, given: GivenSchedule): Promise<Result<ScheduleView>>;
}

export interface ScheduleIndex {
  list(filter: ScheduleFilter): Promise<ScheduleRow[]>;
  has(place: SchedulePlace): Promise<boolean>;
  /** Up to `most`. */
  count(tenant: string, most: number): Promise<number>;
}
