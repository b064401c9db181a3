/** The webhook of an execution that exists: how it stands, and a delivery that a person has sent again. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { Delivery } from "../../domain/execution/webhook.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";

export class Webhooks {
  readonly #client: Pick<ExecutionClient, "dispatch" | "view">;

  constructor(client: Pick<ExecutionClient, "dispatch" | "view">) {
    this.#client = client;
  }

  read(caller: Principal, executionId: string): Promise<Result<ExecutionView>> {
    return this.#client.view(caller, executionId, { brief: true });
  }

  /** Returns the delivery that is being sent again. */
  async retry(caller: Principal, executionId: string, delivery: number | undefined): Promise<Result<Delivery>> {
    const named = delivery === undefined ? {} : { of: delivery };
    const command = { type: "retry_delivery", by: caller.subject, ...named } as const;
    const result = await this.#client.dispatch(caller, executionId, command);
    if (!result.ok) return result;
    const { retried } = result.value;
    return retried ? accept(retried) : refuse("internal_error", "the delivery that is sent again is not known");
  }
}
