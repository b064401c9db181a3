/** What a name in a path, a header or a query means, wherever it stands. */
export const PATH_WORDS: Readonly<Record<string, string>> = {
  id: "The execution's id, as it was answered or chosen.",
  target: "What to run, as agent.function.",
  name: "Of the signal, or of the file.",
  run_id: "The run: what X-Run-ID said, or what was answered.",
  session_id: "The session: what X-Session-ID said.",
  key_id: "Of the key, never the key itself.",
  key: "Of the vector, percent-encoded.",
  tenant_id: "The tenant, as its keys name it.",
  node_id: "The node, as it registered.",
  version: "Of the node, as it registered.",
  plan_id: "The plan, as it was answered or chosen.",
  schedule_id: "The schedule, as it was named or answered.",
  queue: "`*` for the tenant, or AGENT, AGENT%2FFUNCTION, AGENT%2FFUNCTION%2FKEY.",
  agent_id: "The agent, as its list names it.",
  agent: "The agent that was talked with, by its name.",
  attribute: "The name of a search attribute.",
};

export const HEADER_WORDS: Readonly<Record<string, string>> = {
  "x-run-id": "Groups executions into a run; without it each root begins its own.",
  "x-workflow-id": "The same as X-Run-ID, for clients that know it by this name.",
  "x-parent-execution-id":
    "Makes the new execution a child of this one, which pays for it; at most 100 executions stand above one.",
  "x-session-id": "What belongs together beyond one run.",
  "x-actor-id": "The user or thing on whose behalf it runs.",
  "idempotency-key": "A start that is sent again with the same key is the same execution.",
  "x-agentfield-replay-source-run-id":
    "The run before, as a node was sent it with its own call: what succeeded there is taken over beneath that call.",
  "x-agentfield-replay-before-execution-id": "The execution that is followed, as it was sent.",
  "x-agentfield-replay-mode": "Which results are taken over, as it was sent.",
  "last-event-id": "The last seq a reader of server-sent events has.",
  "x-execution-id": "The execution for which the caller acts, or that it is.",
  "x-agent-node-id": "The agent that speaks.",
  "x-caller-agent-id": "The same, for clients that know it by this name.",
};

export const QUERY_WORDS: Readonly<Record<string, string>> = {
  after: "The last seq the reader has.",
  limit: "How many at most.",
  status: "Only these; several with commas.",
  target: "Only executions of this agent.function, or of this agent.",
  agent_id: "Only of this agent.",
  run_id: "Only of this run.",
  session_id: "Only of this session.",
  actor_id: "Only of this actor.",
  parent_execution_id: "Only children of this execution.",
  schedule_id: "Only those that this schedule started.",
  since: "Created at this instant or later.",
  until: "Created before this instant.",
  mode: "lightweight: as lightweight=1.",
  scope: "workflow, session, actor or global.",
  scope_id: "The scope's id, instead of its header.",
  version: "Default the newest.",
  cursor: "next_cursor of the page before.",
};

export const TAG_WORDS: Readonly<Record<string, string>> = {
  Operations: "What there is, and whether it is ready.",
  Agents: "What can be run.",
  Manifests: "Agents that are documents, and the skills that they use.",
  "Polling agents": "Agents that ask for their work, and are never called.",
  "Executions of plans": "Plans that are done by polling agents: tasks under leases, reports, what people decide.",
  Nodes: "Agents that run elsewhere, and what all agents offer.",
  Executions: "Starting, reading and steering durable executions.",
  Schedules: "Executions by cron, interval, or once.",
  Live: "Sockets, and the tokens that open them in a browser.",
  Approvals: "Where people decide.",
  Keys: "Who may call.",
  Runs: "Executions that belong together.",
  Plans: "What agents are to do, task by task.",
  Memory: "What agents remember: keys, vectors, and the feed of what changes.",
};
