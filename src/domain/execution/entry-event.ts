/** What the log says of an entry: that a try of it began, and how it ended. The data of `step`, `tool` and `turn` events. */
import * as z from "zod";
import { Json } from "../values/json.ts";
import { Amount } from "./budget.ts";
import { EntryError, EntryKind, MAX_KEY, MAX_NAME } from "./entry.ts";
import { StoredResult } from "./stored-result.ts";

/** Names an entry, and is a part of names of timers and of idempotency keys. A name may get a word before it. */
export const Key = z.string().max(MAX_KEY);
export const Name = z.string().max(MAX_NAME + 100);
export const entry = { key: Key, kind: EntryKind, name: Name };

export const entryStarted = z.object({
  ...entry,
  attempt: z.number().int().min(1),
  digest: z.string().optional(),
  input: Json.optional(),
  wakeAtMs: z.number().optional(),
  signal: z.string().optional(),
  /** What the try may take, from its start. */
  timeoutMs: z.number().optional(),
  idempotent: z.boolean().optional(),
  /** What the definition said about an interrupted try, when it said something: a reader can check P2 by it. */
  onInterrupt: z.enum(["retry", "fail", "ask"]).optional(),
  /** The worst case this turn may spend, set aside in this very transaction (P4). */
  reserve: Amount.optional(),
  /** What an interrupted try had reserved: it counts as spent, because it is not known whether the model was paid. */
  forfeited: Amount.optional(),
  recovered: z.boolean().optional(),
  /** Of an external activity: what the tokens of its attempts are made of, and how long its execution had been held. */
  token: z.string().max(200).optional(),
  heldMs: z.number().min(0).optional(),
  /** Another execution began it before, and its end is not in that log: it is taken up from there (P2). */
  begunIn: z.string().optional(),
});
export const entryCompleted = z.object({
  ...entry,
  attempt: z.number().int().min(1),
  /** Of a step that wrote down no beginning: what tells its input from another one. */
  digest: z.string().optional(),
  output: Json.optional(),
  /** The output is larger than a row, and lies in the file store. */
  stored: StoredResult.optional(),
  scratch: Json.optional(),
  signalSeq: z.number().int().optional(),
  /** The execution that did it; the result stands in `journal.inherited`. */
  reusedFrom: z.string().optional(),
  /** Of a turn that was taken over: no model was asked there either. */
  simulated: z.boolean().optional(),
  usage: Amount.optional(),
  release: Amount.optional(),
  resolved: z.boolean().optional(),
  late: z.boolean().optional(),
  /** It had lost its race before: no program is told. */
  withdrawn: z.boolean().optional(),
});
export const entryFailed = z.object({
  ...entry,
  attempt: z.number().int().min(1),
  digest: z.string().optional(),
  error: EntryError,
  /** Present when another try follows; absent when this is the end of the entry. */
  retryAtMs: z.number().optional(),
  /** It was given up, and whether it reached the outside is not known: this allows no other try (P2). */
  timedOut: z.boolean().optional(),
  usage: Amount.optional(),
  release: Amount.optional(),
  resolved: z.boolean().optional(),
  late: z.boolean().optional(),
  /** It had lost its race before: no program is told. */
  withdrawn: z.boolean().optional(),
});
