/**
 * A bulk operation as a program on the durable engine: pages of executions are read and journaled, then touched.
 *
 * - A page is a step, and so is what becomes of it. A process that dies in the middle touches the same page again, and each
 *   execution, whose own log names the bulk operation, takes it once.
 * - What is started while it runs is not touched.
 * - It is paused, resumed and cancelled as every execution is.
 */
import * as z from "zod";
import type { BulkResult } from "../../contract/operator/bulk.ts";
import { BulkAction } from "../../contract/operator/bulk.ts";
import type { FunctionDefinition } from "../../define/agent.ts";
import { ExecutionFailure } from "../../define/errors.ts";
import type { ProgramContext } from "../../define/program-context.ts";
import type { StandardSchema } from "../../define/schema.ts";
import type { Cursor } from "../../domain/read-models/summary.ts";
import { Json, toJson } from "../../domain/values/json.ts";

/** What it is shown as: `errand.bulk`. */
export const BULK_AGENT = "errand";
export const BULK_FUNCTION = "bulk";

const MOST_A_PAGE = 100;
const MOST_REFUSALS_SHOWN = 20;
const REVOKED = "the key that asked for it was revoked: nothing more is touched";
/** Executions that say they cannot answer now are asked again, the whole page with them. */
const TRIES = { maxAttempts: 8, backoff: { initialMs: 500, maxMs: 30_000 } };

export const BulkInput = z.object({
  action: BulkAction,
  /** As the call of the list takes it, parsed. */
  filter: z.record(z.string(), Json),
  children: z.boolean(),
  rate_per_second: z.number(),
  limit: z.number(),
  reason: z.string().optional(),
  /** Who asked, as it was allowed to when it asked. `key`: the hash of its key, which has to be in force at each page. */
  by: z.object({
    tenant: z.string(),
    subject: z.string(),
    admin: z.boolean(),
    masked: z.boolean(),
    key: z.string().optional(),
  }),
});
export type BulkInput = z.output<typeof BulkInput>;

/** Executions that are found, newest first, and where to look on. */
export interface FoundIds {
  readonly ids: readonly string[];
  readonly next: Cursor | null;
}

export interface Touched {
  readonly id: string;
  readonly outcome: "touched" | "unchanged" | "refused";
  readonly code?: string;
  readonly message?: string;
  /** True when the execution may take the verb later. */
  readonly again?: boolean;
}

export interface BulkPage {
  readonly untilMs: number;
  readonly from: Cursor | undefined;
  readonly most: number;
  /** Absent: nothing runs yet. */
  readonly bulkId?: string;
}

export interface BulkPort {
  /** At most `most` of them that were started before `untilMs`; the bulk operation itself, `bulkId`, is none of them. */
  find(input: BulkInput, page: BulkPage): Promise<FoundIds>;
  /** `revoked`: the key that asked is in force no more, and nothing is touched. */
  touch(input: BulkInput, bulkId: string, ids: readonly string[]): Promise<readonly Touched[] | "revoked">;
}

export function bulkFunction(port: () => BulkPort): FunctionDefinition {
  return {
    name: BULK_FUNCTION,
    kind: "skill",
    description: "Touches all executions that a filter finds.",
    tags: [],
    input: BulkInput as StandardSchema,
    output: z.json() as StandardSchema,
    program: ((input: BulkInput, ctx: ProgramContext) => run(port(), input, ctx)) as never,
  };
}

async function run(port: BulkPort, input: BulkInput, ctx: ProgramContext): Promise<Json> {
  const untilMs = ctx.now();
  const { action, limit } = input;
  const bulkId = ctx.executionId;
  const total = await ctx.step("count", async () => countOf(port, input, { untilMs, bulkId }), TRIES);
  const result = { action, touched: 0, unchanged: 0, refused: 0, refusals: [], more: false } as Writable<BulkResult>;
  let done = 0;
  let from: Cursor | undefined;
  await ctx.progress({ done, total: total.matched });
  while (done < limit) {
    const most = Math.min(MOST_A_PAGE, input.rate_per_second, limit - done);
    const page = await ctx.step("page", () => port.find(input, { untilMs, from, most, bulkId }), TRIES);
    const touch = async ({ attempt }: { readonly attempt: number }) => {
      const touched = await port.touch(input, bulkId, page.ids);
      if (touched === "revoked") return touched;
      const late = touched.find(({ again }) => again);
      if (late && attempt < TRIES.maxAttempts) throw new Error(`${late.id}: ${late.code}: ${late.message}`);
      return touched;
    };
    const touched = await ctx.step("touch", touch, { ...TRIES, input: toJson(page.ids) });
    if (touched === "revoked") throw new ExecutionFailure("key_revoked", `${REVOKED}; ${done} had been looked at`);
    add(result, touched);
    done += page.ids.length;
    result.more = page.next !== null;
    await ctx.progress({ done, total: Math.max(total.matched, done) });
    if (page.next === null) break;
    from = page.next;
    if (page.ids.length > 0) await ctx.sleep(Math.ceil((page.ids.length * 1_000) / input.rate_per_second));
  }
  return toJson(result);
}

/** Counts up to the limit; reads a bounded number of pages. */
export async function countOf(
  port: Pick<BulkPort, "find">,
  input: BulkInput,
  which: Pick<BulkPage, "untilMs" | "bulkId">,
) {
  const shown: string[] = [];
  let matched = 0;
  let from: Cursor | undefined;
  for (let read = 0; read < MOST_A_PAGE && matched < input.limit; read += 1) {
    const page = await port.find(input, { ...which, from, most: Math.min(1_000, input.limit - matched) });
    matched += page.ids.length;
    shown.push(...page.ids.slice(0, MOST_REFUSALS_SHOWN - shown.length));
    if (page.next === null) return { matched, more: false, shown };
    from = page.next;
  }
  return { matched, more: true, shown };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function add(result: Writable<BulkResult>, touched: readonly Touched[]): void {
  for (const { id, outcome, code = "", message = "" } of touched) {
    result[outcome] += 1;
    const isShown = outcome === "refused" && result.refusals.length < MOST_REFUSALS_SHOWN;
    if (isShown) result.refusals.push({ execution_id: id, code, message: message.slice(0, 500) });
  }
}
