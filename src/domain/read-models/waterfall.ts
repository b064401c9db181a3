/**
 * What a waterfall draws, folded from events: one span for each thing the program asked for, and the phases of the execution
 * itself. Pure; it knows no pixels.
 *
 * - A span without an end is open. Tries of one entry are parts of its span: what lies between two is the backoff.
 * - Spans come in the order in which they began. Those inside a pass of an agentic execution are one level deeper.
 */
import type { Event } from "../execution/event.ts";

type SpanKind = "attempt" | "turn" | "tool" | "step" | "effect" | "sleep" | "signal" | "value" | "approval" | "child";

type SpanStatus = "open" | "backing_off" | "in_doubt" | "done" | "failed" | "withdrawn";

interface Try {
  readonly n: number;
  readonly startMs: number;
  readonly endMs: number | undefined;
  readonly failed: boolean;
}

export interface Span {
  readonly key: string;
  readonly kind: SpanKind;
  readonly label: string;
  readonly depth: number;
  readonly status: SpanStatus;
  readonly startMs: number;
  readonly endMs: number | undefined;
  readonly tries: readonly Try[];
  /** The event that opened it, and the one that ended it. */
  readonly seq: number;
  readonly endSeq: number | undefined;
  readonly childId: string | undefined;
  readonly gateId: string | undefined;
  readonly error: string | undefined;
}

/** How long the execution itself was in one status. */
export interface Phase {
  readonly status: "queued" | "running" | "resting" | "waiting" | "blocked" | "paused";
  readonly reason: string | undefined;
  readonly startMs: number;
  readonly endMs: number | undefined;
}

export interface Trace {
  readonly spans: readonly Span[];
  readonly phases: readonly Phase[];
  readonly startMs: number;
  /** The instant of the end, or of the newest event. */
  readonly lastMs: number;
  readonly ended: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Omit<Span, "tries">> & { tries: Mutable<Try>[] };
type Of<T extends string> = Extract<Event, { type: T }>;
type Ended = Of<`${"step" | "tool" | "turn"}.${"completed" | "failed"}`>;

const TERMINAL: ReadonlySet<string> = new Set([
  "execution.succeeded",
  "execution.failed",
  "execution.cancelled",
  "execution.timed_out",
]);

/** Reads the events of one log from the first on; `trace` is what they give so far. */
export class TraceReader {
  readonly #spans = new Map<string, Draft>();
  readonly #keyOfChild = new Map<string, string>();
  readonly #phases: Mutable<Phase>[] = [];
  #attempt: string | undefined;
  #startMs = 0;
  #lastMs = 0;
  #ended = false;

  trace(): Trace {
    const spans = [...this.#spans.values()];
    return {
      spans,
      phases: [...this.#phases],
      startMs: this.#startMs,
      lastMs: this.#lastMs,
      ended: this.#ended,
    };
  }

  read(event: Event): void {
    this.#lastMs = Math.max(this.#lastMs, event.atMs);
    if (this.#startMs === 0) this.#startMs = event.atMs;
    if (event.type.startsWith("execution.")) return this.#readLife(event);
    if (event.type === "effect.in_doubt" || event.type === "effect.resolved") return this.#readDoubt(event);
    if (event.type.startsWith("attempt.")) return this.#readAttempt(event);
    if (event.type.startsWith("gate.")) return this.#readApproval(event);
    if (event.type.startsWith("child.")) return this.#readChild(event);
    this.#readActivity(event);
  }

  #readActivity(event: Event): void {
    switch (event.type) {
      case "step.started":
      case "tool.started":
      case "turn.started":
        return this.#began(event);
      case "step.completed":
      case "tool.completed":
      case "turn.completed":
      case "step.failed":
      case "tool.failed":
      case "turn.failed":
        return this.#tryEnded(event);
      case "entry.withdrawn":
        return this.#close(event.data.key, event, "withdrawn");
    }
  }

  #began({ seq, atMs, data }: Of<"step.started" | "tool.started" | "turn.started">): void {
    const span = this.#open({ key: data.key, kind: kindOf(data.kind), label: data.name, seq, atMs });
    span.status = "open";
    span.tries.push({ n: data.attempt, startMs: atMs, endMs: undefined, failed: false });
  }

  #tryEnded(event: Ended): void {
    const { seq, atMs, data } = event;
    const span = this.#open({ key: data.key, kind: kindOf(data.kind), label: data.name, seq, atMs });
    if (span.tries.length === 0) span.tries.push({ n: data.attempt, startMs: atMs, endMs: atMs, failed: false });
    const last = span.tries.at(-1);
    const failed = "error" in data;
    if (last) Object.assign(last, { endMs: atMs, failed });
    if ("error" in data) span.error = data.error.message;
    if ("error" in data && data.retryAtMs !== undefined) span.status = "backing_off";
    else this.#close(data.key, event, failed ? "failed" : "done");
  }

  #readDoubt({ type, data }: Of<"effect.in_doubt" | "effect.resolved">): void {
    const span = this.#spans.get(data.key);
    if (!span) return;
    span.status = type === "effect.in_doubt" ? "in_doubt" : "open";
    span.gateId = type === "effect.in_doubt" ? data.gateId : undefined;
  }

  #readAttempt(event: Event): void {
    if (event.type === "attempt.started") {
      const { seq, atMs } = event;
      this.#attempt = undefined;
      const { n } = event.data;
      this.#open({ key: `attempt ${n}`, kind: "attempt", label: `Attempt ${n}`, seq, atMs });
      this.#attempt = `attempt ${n}`;
    }
    if (event.type !== "attempt.completed" && event.type !== "attempt.rejected") return;
    this.#close(`attempt ${event.data.n}`, event, event.type === "attempt.completed" ? "done" : "failed");
    this.#attempt = undefined;
  }

  #readApproval(event: Event): void {
    if (event.type === "gate.opened") {
      const { seq, atMs, data } = event;
      if (data.kind === "review") return;
      const span = this.#open({ key: `gate ${data.gateId}`, kind: "approval", label: data.name, seq, atMs });
      span.gateId = data.gateId;
    }
    if (event.type !== "gate.decided" && event.type !== "gate.expired") return;
    const approved = event.type === "gate.decided" && event.data.verdict.decision === "approved";
    this.#close(`gate ${event.data.gateId}`, event, approved ? "done" : "failed");
  }

  #readChild(event: Event): void {
    if (event.type === "child.started") {
      const { seq, atMs, data } = event;
      const span = this.#open({ key: data.key, kind: "child", label: data.target, seq, atMs });
      span.childId = data.childId;
      this.#keyOfChild.set(data.childId, data.key);
    }
    if (event.type === "child.finished") {
      const { outcome, key } = event.data;
      const span = this.#spans.get(key);
      if (span && !outcome.ok) span.error = outcome.error.message;
      this.#close(key, event, outcome.ok ? "done" : "failed");
    }
  }

  #readLife(event: Event): void {
    const phase = phaseOf(event);
    const last = this.#phases.at(-1);
    if (TERMINAL.has(event.type)) {
      this.#ended = true;
      if (last) last.endMs = event.atMs;
      for (const span of this.#spans.values()) if (span.endMs === undefined) span.endMs = event.atMs;
      return;
    }
    if (!phase || (last?.status === phase.status && last.reason === phase.reason)) return;
    if (last) last.endMs = event.atMs;
    this.#phases.push({ ...phase, startMs: event.atMs, endMs: undefined });
  }

  #open({ key, kind, label, seq, atMs }: Pick<Span, "key" | "kind" | "label" | "seq"> & { atMs: number }): Draft {
    const known = this.#spans.get(key);
    if (known) return known;
    const depth = this.#attempt === undefined ? 0 : 1;
    const made: Draft = {
      ...{ key, kind, label, depth, seq, status: "open", startMs: atMs, endMs: undefined, tries: [] },
      ...{ endSeq: undefined, childId: undefined, gateId: undefined, error: undefined },
    };
    this.#spans.set(key, made);
    return made;
  }

  #close(key: string, { seq, atMs }: { seq: number; atMs: number }, status: SpanStatus): void {
    const span = this.#spans.get(key);
    if (span) Object.assign(span, { endMs: atMs, endSeq: seq, status });
  }
}

/** Words of the journal as readers know them. */
function kindOf(kind: string): SpanKind {
  if (kind === "gate") return "approval";
  return KINDS.find((known) => known === kind) ?? "step";
}

const KINDS: readonly SpanKind[] = ["turn", "tool", "step", "effect", "sleep", "signal", "value", "child"];

function phaseOf(event: Event): Pick<Phase, "status" | "reason"> | undefined {
  switch (event.type) {
    case "execution.created":
    case "execution.queued":
      return { status: "queued", reason: undefined };
    case "execution.started":
    case "execution.resumed":
    case "execution.recovered":
      return { status: "running", reason: undefined };
    case "execution.suspended":
      return { status: "resting", reason: event.data.reason };
    case "execution.waiting":
      return { status: "waiting", reason: event.data.reason };
    case "execution.blocked":
      return { status: "blocked", reason: event.data.reason };
    case "execution.paused":
      return { status: "paused", reason: event.data.reason };
  }
  return undefined;
}
