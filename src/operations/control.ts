/** What a caller commands an execution that exists: to move, to take signals and notes. */
import type { DispatchCommand } from "../domain/execution/command.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { CommandResult } from "../domain/read-models/view.ts";
import type { Result } from "../domain/values/fault.ts";
import type { ExecutionClient } from "./ports.ts";

export class Control {
  readonly #client: Pick<ExecutionClient, "dispatch">;

  constructor(client: Pick<ExecutionClient, "dispatch">) {
    this.#client = client;
  }

  dispatch(caller: Principal, executionId: string, command: DispatchCommand): Promise<Result<CommandResult>> {
    return this.#client.dispatch(caller, executionId, command);
  }
}
