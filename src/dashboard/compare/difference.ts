/** What differs between two executions, entry by entry, out of their logs. Pure. */
import type { Event } from "../../domain/execution/event.ts";
import type { Span } from "../../domain/read-models/waterfall.ts";

/** What one execution asked for, and what came of it. */
export interface Side {
  readonly span: Span;
  readonly asked: unknown;
  readonly came: unknown;
  /** The execution that really did it; undefined: this one. */
  readonly reusedFrom: string | undefined;
}

export interface Row {
  readonly key: string;
  readonly left: Side | undefined;
  readonly right: Side | undefined;
  /** What is not alike, in words; empty: both are. */
  readonly differs: readonly string[];
}

/** The rows in the order of the left side; what only the right one has stands behind what it came after. */
export function differenceOf(left: ReadonlyMap<string, Side>, right: ReadonlyMap<string, Side>): readonly Row[] {
  const keys = merged([...left.keys()], [...right.keys()]);
  return keys.map((key) => {
    const sides = { left: left.get(key), right: right.get(key) };
    return { key, ...sides, differs: inWords(sides) };
  });
}

function merged(left: readonly string[], right: readonly string[]): string[] {
  const known = new Set(left);
  const after = new Map<string | undefined, string[]>();
  let last: string | undefined;
  for (const key of right) {
    if (known.has(key)) last = key;
    else after.set(last, [...(after.get(last) ?? []), key]);
  }
  return [...(after.get(undefined) ?? []), ...left.flatMap((key) => [key, ...(after.get(key) ?? [])])];
}

function inWords({ left, right }: Pick<Row, "left" | "right">): string[] {
  if (!left) return ["only right"];
  if (!right) return ["only left"];
  return [
    ...(left.span.status === right.span.status ? [] : ["status"]),
    ...(isSame(left.asked, right.asked) || isUnsaid(left) || isUnsaid(right) ? [] : ["input"]),
    ...(isSame(left.came, right.came) ? [] : ["result"]),
    ...(left.span.tries.length === right.span.tries.length || left.reusedFrom || right.reusedFrom ? [] : ["tries"]),
  ];
}

/** An offer does not always say what was asked: a digest stands for it. */
function isUnsaid({ asked, reusedFrom }: Side): boolean {
  return reusedFrom !== undefined && asked === undefined;
}

/** By value; the order of the fields of an object does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  return changesOf(a, b, 1).length === 0;
}

export interface Change {
  /** `lines.0.sku`; empty for the whole value. */
  readonly path: string;
  /** Undefined: this side has none. */
  readonly left: unknown;
  readonly right: unknown;
}

/** The places where two JSON values differ, at most `most` of them. */
export function changesOf(left: unknown, right: unknown, most: number): readonly Change[] {
  const found: Change[] = [];
  // A loop: a value may be nested deeper than the stack.
  const open: Change[] = [{ path: "", left, right }];
  while (open.length > 0 && found.length < most) {
    const pair = open.pop() as Change;
    if (Object.is(pair.left, pair.right)) continue;
    const names = namesOf(pair.left, pair.right);
    if (!names) found.push(pair);
    else
      for (const name of names.toReversed())
        open.push({
          path: pair.path === "" ? name : `${pair.path}.${name}`,
          left: fieldOf(pair.left, name),
          right: fieldOf(pair.right, name),
        });
  }
  return found;
}

/** Fields of both; undefined where they are not two objects or two lists. */
function namesOf(a: unknown, b: unknown): string[] | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return undefined;
  if (Array.isArray(a) !== Array.isArray(b)) return undefined;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function fieldOf(value: unknown, name: string): unknown {
  return Object.hasOwn(value as object, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** By key of the journal; attempts, which are no entries, by their own. */
export function sidesOf(spans: readonly Span[], events: readonly Event[]): ReadonlyMap<string, Side> {
  const first = events[0]?.seq ?? 1;
  const offers = new Map(
    events.flatMap(({ type, data }) => (type === "journal.inherited" ? data.offers.map((one) => [one.key, one]) : [])),
  );
  const dataOf = (seq: number | undefined) =>
    new Map<string, unknown>(Object.entries((seq === undefined ? undefined : events[seq - first]?.data) ?? {}));
  return new Map(
    spans.map((span, at) => {
      const [asked, came] = [dataOf(span.seq), dataOf(span.endSeq)];
      const from = came.get("reusedFrom");
      // A result that was taken over stands, with what was asked, in the event that offered it.
      const offer = from === undefined ? undefined : offers.get(span.key);
      const side = {
        span,
        asked: asked.get("input") ?? asked.get("payload") ?? offer?.input,
        came: came.get("output") ?? came.get("outcome") ?? came.get("decision") ?? offer?.output,
        reusedFrom: typeof from === "string" ? from : undefined,
      };
      // The id of an approval is another one in each execution.
      return [span.kind === "approval" ? `approval ${span.label} ${countBefore(spans, at)}` : span.key, side];
    }),
  );
}

function countBefore(spans: readonly Span[], at: number): number {
  const { label } = spans[at] as Span;
  return spans.slice(0, at).filter((span) => span.kind === "approval" && span.label === label).length;
}
