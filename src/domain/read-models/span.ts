/** Spans in the JSON form of OTLP 1.x: 64-bit numbers are texts, ids are hex. */

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

type Value =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean };

export interface Attribute {
  readonly key: string;
  readonly value: Value;
}

export interface SpanEvent {
  readonly name: string;
  readonly timeUnixNano: string;
}

export interface Span {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount?: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number };
}

export const nanosOf = (atMs: number): string => `${Math.trunc(atMs)}000000`;

/** Without those that are undefined. */
export function attributesOf(attributes: Attributes): Attribute[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: typed(value) }],
  );
}

function typed(value: string | number | boolean): Value {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** What the id of a call's span is made of: both sides know the child's id, its own trace and its parent's. */
export const callSeed = (childId: string): string => `call ${childId}`;
