/** What the operations need of a tenant's polling agents. `NodeDirectoryActor` answers it over RPC. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { AgentChange, AgentRecord, PollingAgent } from "../../domain/node/polling-agent.ts";
import type { Result } from "../../domain/values/fault.ts";

export interface PollingAgentPage {
  readonly agents: readonly PollingAgent[];
  /** The id of the last of them, where there are more. */
  readonly next: string | undefined;
}

export interface PollingAgentRegistry {
  /** Of an id that is not there yet: it is then owned by the caller. `id_taken` of one that is. */
  addAgent(
    caller: Principal,
    id: string,
    said: { readonly record: AgentRecord; readonly isActive: boolean },
  ): Promise<Result<PollingAgent>>;
  /** `undefined`: there is no such agent. A call of the agent itself counts as heard of. */
  agent(caller: Principal, id: string): Promise<Result<PollingAgent | undefined>>;
  agents(
    caller: Principal,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<Result<PollingAgentPage>>;
  changeAgent(caller: Principal, id: string, change: AgentChange): Promise<Result<PollingAgent>>;
  removeAgent(caller: Principal, id: string): Promise<Result<null>>;
}

export interface TakenRequests {
  readonly granted: number;
  /** What is left of the minute's limit behind these. */
  readonly left: number;
  readonly endsAtMs: number;
}

/** How many requests the key of an agent has sent in its minute, counted once for all isolates. */
export interface RequestWindows {
  /** Takes so many of them, or what is left. `undefined`: there is no such agent. */
  takeRequests(
    caller: Principal,
    agentId: string,
    wanted: { readonly perMin: number; readonly tokens: number },
  ): Promise<TakenRequests | undefined>;
}
