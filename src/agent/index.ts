/** The package `errand/agent`: agents that poll Errand for their work, for Node, browsers and Workers. */
export type { Action, ActionContext, Outcome, Output } from "./action.ts";
export { ActionError, Blocked, Waiting, waitFor } from "./action.ts";
export type { LogLine, PollingAgent, PollingAgentOptions } from "./options.ts";
export { createPollingAgent } from "./polling-agent.ts";
export type { Settlement } from "./running-work.ts";
export type { AgentStore, StoredWork } from "./store.ts";
export { fileStore, memoryStore } from "./store.ts";
