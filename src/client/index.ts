export type { ExecutionBody } from "../contract/executions/body.ts";
export type { EventBody } from "../contract/executions/event-body.ts";
export type { Problem } from "../contract/problem.ts";
export type { Frame } from "../contract/stream/frames.ts";
export type { ExecutionState } from "../domain/execution/state.ts";
export type { Status } from "../domain/execution/status.ts";
export type { Json } from "../domain/values/json.ts";
export type {
  AgentVersion,
  ManifestDocument,
  RunAgentOptions,
  RunAgentRequest,
  RunOfAgent,
  SkillRecord,
} from "./agents.ts";
export type { Catalog, CatalogOf, Signature, UntypedCatalog } from "./catalog.ts";
export { type Client, createClient } from "./client.ts";
export type { AgentSummary, Approval, InboxFilter, SessionRun, SessionSummary } from "./directory.ts";
export type { Experiment } from "./experiments.ts";
export type { NewKey } from "./keys.ts";
export type { MemoryEvent, MemoryFeedOptions, MemoryOptions, MemoryRecord, VectorMatch } from "./memory.ts";
export type { CapabilitiesFilter, NodeRegistration, NodesFilter } from "./nodes.ts";
export type { ExportOptions } from "./operations.ts";
export type { AgentEvent, PlanExecution, PlanExecutionDetails, RecordedEvent, Work } from "./plan-executions.ts";
export type { NewPlan, Plan, PlanSummary } from "./plans.ts";
export type {
  DecomposedTask,
  DecomposeOptions,
  NewPollingAgent,
  PollingAgent,
  PollingAgentChange,
  TaskToDecompose,
} from "./polling-agents.ts";
export type { FiringRecord, NewSchedule, ScheduleFilter, ScheduleListed, ScheduleRecord } from "./schedules.ts";
export type { Chat, ChatFrame, ChatOptions } from "./stream/chats.ts";
export type { FeedFrame, FeedOptions } from "./stream/feed.ts";
export { fold } from "./stream/fold.ts";
export { TurnTexts } from "./stream/turn-texts.ts";
export type { ConversationThread, ThreadOptions, ThreadSummary } from "./threads.ts";
export { ProblemError, TransportError, WaitTimeoutError } from "./transport/errors.ts";
export type {
  ApprovalAnswer,
  ClientOptions,
  ExecuteOptions,
  Execution,
  ExecutionSummary,
  FollowOptions,
  GetOptions,
  ListFilter,
  PageOptions,
  ReasonOptions,
  Resolution,
  RestartOptions,
  StartOptions,
  WaitOptions,
  WebhookOptions,
} from "./transport/options.ts";
export type { Timing } from "./transport/pace.ts";
export type { Socket, SocketConstructor } from "./transport/socket-frames.ts";
