/**
 * An execution's log as spans of OpenTelemetry: one for the execution, each of its attempts, each try of a step, effect, tool or
 * turn, each approval and each child. Names follow OpenTelemetry's conventions for generative AI. A span holds no input, no
 * output and no person's words. Its ids are made of what never changes: the same log is the same trace each time it is read.
 */
import type { Event } from "../execution/event.ts";
import type { Origin } from "../execution/origin.ts";
import type { Attributes, Span, SpanEvent } from "./span.ts";
import { attributesOf, callSeed, nanosOf } from "./span.ts";
import { outcomeOf, spanBegun } from "./trace-events.ts";

/** More of what happened to one execution is counted, and not told. */
const MOST_SPAN_EVENTS = 128;

/** Tells of the execution itself, as events of its span. */
const TOLD: ReadonlySet<Event["type"]> = new Set<Event["type"]>([
  "execution.started",
  "execution.waiting",
  "execution.suspended",
  "execution.blocked",
  "execution.paused",
  "execution.resumed",
  "execution.recovered",
]);

interface OpenSpan {
  readonly name: string;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly kind: number;
  readonly startMs: number;
  readonly attributes: Attributes;
}

interface End {
  readonly atMs: number;
  readonly attributes?: Attributes;
  /** What it failed with: the code. */
  readonly error?: string | undefined;
}

/** Reads the events of one log in their order. Memory: what is open, and what has ended since the last `taken`. */
export class TraceReader {
  readonly #hash: (text: string) => string;
  readonly #open = new Map<string, OpenSpan>();
  readonly #told: SpanEvent[] = [];
  #ended: Span[] = [];
  #origin: Origin | undefined;
  #root: OpenSpan | undefined;
  #traceId = "";
  #untold = 0;
  #attempt: string | undefined;
  #atMs = 0;
  #recoveredMs = 0;

  /** `hash`: SHA-256 in hex. */
  constructor(hash: (text: string) => string) {
    this.#hash = hash;
  }

  read(event: Event): void {
    this.#atMs = event.atMs;
    if (event.type === "execution.created") this.#create(event.data.origin, event.data.acceptedAtMs ?? event.atMs);
    if (event.type === "execution.recovered") this.#recoveredMs = event.atMs;
    if (TOLD.has(event.type)) this.#tell(event);
    const begun = spanBegun(event);
    if (begun) {
      const { key, isAttempt = false, seed = `${this.#origin?.id} ${key} ${event.seq}`, ...span } = begun;
      // An earlier try of it whose end no process saw.
      this.#end(key, { atMs: this.#recoveredMs || event.atMs, error: "interrupted" });
      const parentId = isAttempt ? undefined : this.#open.get(this.#attempt ?? "")?.id;
      this.#open.set(key, { ...span, id: this.#idOf(seed), parentId: parentId ?? this.#root?.id, startMs: event.atMs });
      if (isAttempt) this.#attempt = key;
    }
    const outcome = outcomeOf(event);
    if (!outcome) return;
    const { key, ...how } = outcome;
    if (key === undefined) this.#close({ atMs: event.atMs, ...how });
    else this.#end(key, { atMs: event.atMs, ...how });
  }

  /** What has ended since the last time. */
  taken(): Span[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** The span of an execution that has not ended, as long as its log so far. */
  unended(): Span[] {
    if (!this.#root) return [];
    this.#close({ atMs: this.#atMs, attributes: { "errand.status": "open" } });
    return this.taken();
  }

  #create(origin: Origin, startMs: number): void {
    this.#origin = origin;
    const { id, agent, fn, version, parentId, sessionId, scheduleId, createdBy } = origin;
    // A start that came within a trace goes on in it; a child's start has that of its parent.
    const [, traceId, callerId] = origin.traceparent?.split("-") ?? [];
    this.#traceId = traceId ?? this.#hash(`run ${origin.tenant} ${origin.runId}`).slice(0, 32);
    this.#root = {
      name: `invoke_agent ${agent}.${fn}`,
      id: this.#idOf(`execution ${id}`),
      // The call that the parent's own trace has under the same id.
      parentId: parentId === undefined ? callerId : this.#idOf(callSeed(id)),
      kind: 2,
      startMs,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agent,
        "gen_ai.agent.version": version,
        "gen_ai.conversation.id": sessionId,
        "errand.execution.id": id,
        "errand.run.id": origin.runId,
        "errand.function": fn,
        "errand.schedule.id": scheduleId,
        "errand.created_by": createdBy,
      },
    };
  }

  #tell(event: Event): void {
    const { reason } = event.data as { readonly reason?: unknown };
    const name = typeof reason === "string" ? `${event.type}: ${reason}` : event.type;
    if (this.#told.length < MOST_SPAN_EVENTS) this.#told.push({ name, timeUnixNano: nanosOf(event.atMs) });
    else this.#untold += 1;
  }

  #end(key: string, end: End): void {
    const span = this.#open.get(key);
    if (!span) return;
    this.#open.delete(key);
    if (key === this.#attempt) this.#attempt = undefined;
    this.#ended.push(this.#spanOf(span, end, []));
  }

  /** Its end ends what is open beneath it. A log that goes on behind its end (a webhook, a note) changes no span. */
  #close(end: End): void {
    const root = this.#root;
    if (!root) return;
    this.#root = undefined;
    for (const key of [...this.#open.keys()]) this.#end(key, { atMs: end.atMs, error: end.error });
    this.#ended.push({
      ...this.#spanOf(root, end, this.#told),
      ...(this.#untold === 0 ? {} : { droppedEventsCount: this.#untold }),
    });
  }

  #spanOf(span: OpenSpan, { atMs, attributes, error }: End, events: readonly SpanEvent[]): Span {
    const { id: spanId, parentId, name, kind, startMs } = span;
    return {
      traceId: this.#traceId,
      spanId,
      ...(parentId === undefined ? {} : { parentSpanId: parentId }),
      name,
      kind,
      startTimeUnixNano: nanosOf(startMs),
      endTimeUnixNano: nanosOf(Math.max(atMs, startMs)),
      attributes: attributesOf({ ...span.attributes, ...attributes, "error.type": error }),
      events,
      status: { code: error === undefined ? 1 : 2 },
    };
  }

  #idOf(seed: string): string {
    return this.#hash(`${this.#origin?.tenant} ${seed}`).slice(0, 16);
  }
}
