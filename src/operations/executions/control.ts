/** What a caller may do with an execution that exists: move it, send it signals, write notes. One command each. */
import type { SignalCommand } from "../../domain/execution/command.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { CommandResult } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";

type Answer = Promise<Result<CommandResult>>;

export class Control {
  readonly #client: Pick<ExecutionClient, "dispatch">;

  constructor(client: Pick<ExecutionClient, "dispatch">) {
    this.#client = client;
  }

  move(
    caller: Principal,
    executionId: string,
    { type, reason }: { readonly type: "cancel" | "pause" | "resume"; readonly reason?: string | undefined },
  ): Answer {
    const why = reason === undefined ? {} : { reason };
    return this.#client.dispatch(caller, executionId, { type, by: caller.subject, ...why });
  }

  signal(caller: Principal, executionId: string, signals: SignalCommand["signals"]): Answer {
    return this.#client.dispatch(caller, executionId, { type: "signal", signals, by: caller.subject });
  }

  note(
    caller: Principal,
    executionId: string,
    note: { readonly message: string; readonly tags: readonly string[] },
  ): Answer {
    return this.#client.dispatch(caller, executionId, { type: "add_note", ...note, by: caller.subject });
  }
}
