/** What a restarted execution may take over from the one it follows. */
import * as z from "zod";
import { Json } from "../values/json.ts";
import { EntryKind } from "./entry.ts";

/**
 * `succeeded-before`: what had succeeded before the first failure, because what came later may have come of it. An answer
 * that validators rejected is a failure.
 * `all-succeeded`: everything that succeeded. `none`: everything is done anew.
 */
export const Reuse = z.enum(["succeeded-before", "all-succeeded", "none"]);
export type Reuse = z.infer<typeof Reuse>;

/** A finished or unfinished entry of the source. It becomes an entry of ours once the program asks for just this. */
export const ReusableResult = z.object({
  key: z.string(),
  kind: EntryKind,
  name: z.string(),
  digest: z.string().optional(),
  /** The execution that really did it: the source, or one that the source itself had followed. */
  from: z.string(),
  /** What it succeeded with. Absent: it was begun there, and no process knows what came of it. */
  output: Json.optional(),
  input: Json.optional(),
  idempotent: z.boolean().optional(),
  scratch: Json.optional(),
  /** A child that did not succeed: the new one follows it, as we follow its parent. */
  childId: z.string().optional(),
});
export type ReusableResult = z.infer<typeof ReusableResult>;

/** Which execution this one follows, and what of it may be taken over. */
export const RestartedFrom = z.object({
  id: z.string(),
  /** The first of the executions that follow each other; absent where it is `id`. */
  first: z.string().optional(),
  runId: z.string(),
  reuse: Reuse,
  /** Then nothing is taken over that could have come of the input unseen. */
  inputChanged: z.boolean(),
  /** Key of an entry of the source: it and what ended after it began are done anew. */
  from: z.string().optional(),
});
export type RestartedFrom = z.infer<typeof RestartedFrom>;

/** The first of the executions of which each follows the one before; itself where it follows none. */
export function lineageOf({
  id,
  restartedFrom,
}: {
  readonly id: string;
  readonly restartedFrom?: RestartedFrom | undefined;
}) {
  return restartedFrom?.first ?? restartedFrom?.id ?? id;
}

/** Which part of its offers a follower asks its source for. */
export interface ReusableQuery {
  readonly reuse: Reuse;
  readonly inputChanged: boolean;
  readonly from?: string | undefined;
  readonly offset: number;
  /** The source's log is read up to here, on every page alike; absent on the first, which says it. */
  readonly upto?: number | undefined;
}

export interface ReusablePage {
  readonly offers: ReusableResult[];
  readonly upto: number;
  /** Nothing follows this page. */
  readonly done: boolean;
  /** Tells one input from another, as its program was handed it; absent where that is the input as it was sent. */
  readonly parsed?: string;
}
