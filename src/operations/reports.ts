/** What nodes tell of executions that they work at. Knows no HTTP. */
import type { LogEntry } from "../domain/execution/events/notes.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { parseStatus } from "../domain/execution/status.ts";
import type { CommandResult } from "../domain/read-models/view.ts";
import type { Result } from "../domain/values/fault.ts";
import { refuse } from "../domain/values/fault.ts";
import { utf8Bytes } from "../domain/values/json-text.ts";
import type { NodeReport } from "./node-reports.ts";
import { endOf, tooLargeResult } from "./node-reports.ts";
import type { ExecutionClient } from "./ports.ts";

/** What a row of the log takes of one result. */
const RESULT_BYTES = 1_048_576;

export class Reports {
  readonly #client: Pick<ExecutionClient, "dispatch">;

  constructor(client: Pick<ExecutionClient, "dispatch">) {
    this.#client = client;
  }

  /** A repetition, and what comes too late, is answered with the status that it has. */
  async report(caller: Principal, id: string, report: NodeReport): Promise<Result<CommandResult>> {
    const status = parseStatus(report.status);
    if (!status) {
      const message = `"${report.status}" is no status`;
      return refuse("invalid_input", `status: ${message}`, [{ path: "status", message }]);
    }
    const end = endOf({ ...report, status });
    if (!end) return this.#goesOn(caller, id, { status, progress: report.progress });
    const { outcome, ...paid } = end;
    const size = outcome.ok ? utf8Bytes(JSON.stringify(outcome.value)) : 0;
    const kept = size > RESULT_BYTES ? tooLargeResult(size, RESULT_BYTES) : outcome;
    return this.#client.dispatch(caller, id, { type: "finish_external", of: {}, outcome: kept, ...paid });
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
