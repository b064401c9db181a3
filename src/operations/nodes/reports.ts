/** What nodes tell of executions that they work at. Knows no HTTP. */
import type { Amount } from "../../domain/execution/budget.ts";
import type { ReportCall } from "../../domain/execution/command.ts";
import type { Outcome } from "../../domain/execution/entry.ts";
import type { LogEntry } from "../../domain/execution/events/notes.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { isTerminal, parseStatus } from "../../domain/execution/status.ts";
import { resultKey } from "../../domain/execution/stored-result.ts";
import type { CommandResult } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { fitsBytes, MAX_VALUE_BYTES } from "../../domain/values/json-text.ts";
import type { ExecutionClient, FileStore, RunRegistry } from "../ports.ts";
import type { NodeReport } from "./node-reports.ts";
import { endOf } from "./node-reports.ts";

interface Parts {
  readonly client: Pick<ExecutionClient, "dispatch" | "view">;
  readonly registry: Pick<RunRegistry, "ofRun">;
  readonly pause: (ms: number) => Promise<void>;
  readonly store: Pick<FileStore, "put">;
  readonly digest: (text: string) => string;
}

/** A call within a node as it is told. Its status is a word. */
type CallTold = Omit<ReportCall, "type" | "status" | "by"> & {
  readonly status: string;
  /** The run that it belongs to. */
  readonly runId: string | undefined;
  readonly result: Json | undefined;
  readonly error: string | undefined;
};

/** Rows of a run that are looked at, and executions that are asked, for the one that knows a call. */
const MOST_ROWS = 500;
const MOST_ASKED = 20;
/** A run whose rows are on their way to the index. */
const READ_DELAYS_MS = [0, 100, 400, 1_000];

export class Reports {
  readonly #client: Parts["client"];
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#client = parts.client;
  }

  /** A repetition, and what comes too late, is answered with the status that it has. */
  async report(caller: Principal, id: string, report: NodeReport): Promise<Result<CommandResult>> {
    const status = parseStatus(report.status);
    if (!status) return noStatus(report.status);
    const end = endOf({ ...report, status });
    if (!end) return this.#goesOn(caller, id, { status, progress: report.progress });
    const text = end.outcome.ok ? JSON.stringify(end.outcome.value) : "";
    if (!fitsBytes(text, MAX_VALUE_BYTES)) return this.#stored(caller, id, { text, usage: end.usage });
    return this.#client.dispatch(caller, id, { type: "finish_external", of: {}, ...end });
  }

  /** A report that is not taken as it is: an end all the same, or the node would send it again and then give up. */
  notTaken(caller: Principal, id: string, outcome: Outcome): Promise<Result<CommandResult>> {
    return this.#client.dispatch(caller, id, { type: "finish_external", of: {}, outcome });
  }

  /** A result that is larger than a row lies in the file store before its end says so. */
  async #stored(
    caller: Principal,
    id: string,
    { text, usage }: { readonly text: string; readonly usage: Amount | undefined },
  ): Promise<Result<CommandResult>> {
    const { store, digest: digestOf } = this.#parts;
    const digest = digestOf(text);
    const begun = await this.#client.dispatch(caller, id, { type: "store_external", of: {}, digest });
    if (!begun.ok || !begun.value.changed) return begun;
    const bytes = new TextEncoder().encode(text);
    try {
      await store.put(resultKey(begun.value.state.origin), bytes);
    } catch {
      return refuse("unavailable", "the result cannot be put into the file store now: report it again");
    }
    const outcome = { ok: true, value: null, stored: { size: bytes.length, digest } } as const;
    const paid = usage === undefined ? {} : { usage };
    return this.#client.dispatch(caller, id, { type: "finish_external", of: {}, outcome, ...paid });
  }

  /**
   * Lines about an execution, or about a call within a node: such a one is no execution of its own, and its lines belong to the
   * one that called it. What there is no room for changes nothing.
   */
  async log(
    caller: Principal,
    id: string,
    { entries, parentId }: { readonly entries: readonly LogEntry[]; readonly parentId: string | undefined },
  ): Promise<Result<CommandResult>> {
    const write = (to: string, lines: readonly LogEntry[]) =>
      this.#client.dispatch(caller, to, { type: "write_log", entries: lines, by: caller.subject });
    const written = await write(id, entries);
    if (written.ok || written.code !== "not_found" || parentId === undefined || parentId === id) return written;
    const callId = id.slice(0, 256);
    const above = await write(
      parentId,
      entries.map((entry) => ({ ...entry, callId })),
    );
    return above.ok || above.code !== "not_found" ? above : written;
  }

  /**
   * A call of a function by another one of its node is no execution: it is written beneath the execution that it belongs to. Of an
   * execution itself an end is its end; any other word says nothing that is not known.
   */
  async call(
    caller: Principal,
    { result, error, runId, ...told }: CallTold,
  ): Promise<Result<{ readonly created: boolean } | { readonly updated: boolean }>> {
    const { id, parentId, node } = told;
    const status = parseStatus(told.status);
    if (!status) return noStatus(told.status);
    const own = await this.#client.view(caller, id, { brief: true });
    if (own.ok) {
      if (!isTerminal(status) || isTerminal(own.value.state.status)) return accept({ updated: false });
      const ended = await this.report(caller, id, { status, result, error });
      return ended.ok ? accept({ updated: ended.value.changed }) : ended;
    }
    if (own.code !== "not_found") return own;
    const command = { ...told, type: "report_call", status, by: caller.subject } as const;
    const said = parentId === undefined ? own : await this.#client.dispatch(caller, parentId, command);
    const heard = said.ok || said.code !== "not_found" ? said : await this.#inRun(caller, command, { runId, node });
    return heard.ok ? accept({ updated: heard.value.changed }) : heard;
  }

  /** A call beneath a call names no execution: those of its run that its node works at are asked. */
  async #inRun(
    caller: Principal,
    command: ReportCall,
    { runId, node }: { readonly runId: string | undefined; readonly node: string | undefined },
  ): Promise<Result<CommandResult>> {
    const unknown = refuse("not_found", "no execution knows this call, or the one above it");
    if (runId === undefined) return unknown;
    for (const ms of READ_DELAYS_MS) {
      await this.#parts.pause(ms);
      const rows = await this.#parts.registry.ofRun({ tenant: caller.tenant }, { runId, limit: MOST_ROWS });
      const works = rows.filter(({ agent }) => node === undefined || agent === node);
      const newest = works.sort((a, b) => b.updatedAtMs - a.updatedAtMs).slice(0, MOST_ASKED);
      for (const { id } of newest) {
        const said = await this.#client.dispatch(caller, id, command);
        if (said.ok || said.code !== "not_found") return said;
      }
    }
    return unknown;
  }

  #goesOn(
    caller: Principal,
    id: string,
    { status, progress }: { readonly status: string; readonly progress: number | undefined },
  ): Promise<Result<CommandResult>> {
    const percent = progress === undefined ? {} : { percent: Math.min(100, Math.max(0, progress)) };
    return this.#client.dispatch(caller, id, {
      type: "external_waiting",
      of: {},
      waiting: status === "waiting",
      ...percent,
    });
  }
}

function noStatus(word: string) {
  const message = `"${word}" is no status`;
  return refuse("invalid_input", `status: ${message}`, [{ path: "status", message }]);
}
