/** What the operations on plans need of the index. Each call rejects when the index does not answer. */
import type { NewPlanVersion, Plan, PlanSummary } from "../../domain/plan/plan.ts";
import type { Cursor, ListScope } from "../../domain/read-models/summary.ts";
import type { Result } from "../../domain/values/fault.ts";

/** A version without its document. */
export interface PlanHead extends PlanSummary {
  /** Of its content: tells whether the same is stored again. */
  readonly digest: string;
}

export interface PlanStore {
  /** The newest version of a plan. */
  head(tenant: string, id: string): Promise<PlanHead | undefined>;
  version(head: PlanHead, version: number): Promise<PlanHead | undefined>;
  /** The document of one version; a refusal when the key to it is not configured. */
  read(head: PlanHead): Promise<Result<Plan>>;
  /** Stores the version after the newest; false when it is not that any more, and then nothing was stored. */
  append(version: NewPlanVersion): Promise<boolean>;
  /** With all its versions. One that is not there is removed already. */
  remove(head: PlanHead): Promise<void>;
  /** Bytes of the documents of a tenant, all versions together. */
  usage(tenant: string): Promise<number>;
  /** Each plan by its newest version; newest first, by when each was first stored. */
  list(
    scope: ListScope,
    page: { readonly limit: number; readonly from: Cursor | undefined },
  ): Promise<readonly PlanSummary[]>;
  /** Newest first, below `before`. */
  versions(
    head: PlanHead,
    page: { readonly limit: number; readonly before: number | undefined },
  ): Promise<readonly PlanSummary[]>;
}
