/** What nodes tell of executions that they work at. Knows no HTTP. */
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
