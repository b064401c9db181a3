/** What definitions are written with, by name. The package hands out all of it but `offer`, which `createErrand` calls itself. */
export type { Verdict } from "../domain/execution/approval.ts";
export { ERROR_CODES, type ErrorCode, isErrorCode } from "../domain/execution/error-code.ts";
export type { StoredFile } from "../domain/execution/stored-file.ts";
export type { TurnRequest } from "../domain/model/conversation.ts";
export type { Script } from "../domain/model/script.ts";
export type { Backoff } from "../domain/values/backoff.ts";
export type { Json } from "../domain/values/json.ts";
export {
  type Agent,
  type AgentDefinition,
  defineAgent,
  type FunctionDefinition,
  type Router,
  router,
} from "./agent.ts";
export type { AgentConfig, AgentContext } from "./agent-config.ts";
export type { AgentMemory, MemoryMatch, MemoryScopeOptions } from "./agent-memory.ts";
export type {
  AttemptContext,
  CallOptions,
  Context,
  EffectOptions,
  ModelReply,
  ModelRequest,
  PauseRequest,
  RaceResult,
  RetryPolicy,
  Scratchpad,
  StepOptions,
} from "./context.ts";
export {
  AnswerError,
  ApprovalExpired,
  ApprovalRejected,
  ExecutionFailure,
  hasCode,
  InDoubt,
  StepError,
  ToolError,
} from "./errors.ts";
export type { ApprovalTerms, DynamicApproval } from "./execution/tool-approval.ts";
export { defineExecution, type ExecutionContext, type ExecutionDefinition } from "./execution.ts";
export { fileBlock } from "./file-block.ts";
export { PerTenant, service } from "./handed-in.ts";
export { offer } from "./offer.ts";
export {
  type ApprovalDeclarations,
  type ApprovalPolicy,
  type ApprovalPolicyPatch,
  type ApprovalRule,
  type ApprovalTool,
  planApproval,
  type ResolvedApproval,
  toolApproval,
} from "./roles/approval-policy.ts";
export {
  defineCoordinator,
  defineExecutor,
  definePlanner,
  defineSpecialist,
} from "./roles/define-role-agents.ts";
export { type DefinitionCode, DefinitionError, type DefinitionFault } from "./roles/definition-error.ts";
export { type DefinedDispatcher, type Dispatcher, type DispatchRun, defineDispatcher } from "./roles/dispatcher.ts";
export { type LayeredPrompt, layeredPrompt, type PromptLayers } from "./roles/layered-prompt.ts";
export { definePlan, type PlanDefinition, type PlanOptions } from "./roles/plan-definition.ts";
export type {
  Coordinator,
  CoordinatorOptions,
  Executor,
  ModelChoice,
  PlanAgentOptions,
  Planner,
  RoleAgent,
  RoleAgentOptions,
  Specialist,
} from "./roles/role-agent.ts";
export type { RunSpecialist, RunSpecialistOptions } from "./roles/run-specialist.ts";
export {
  defineRuntime,
  type Runtime,
  type RuntimeOptions,
} from "./roles/runtime.ts";
export type { RuntimeJson } from "./roles/runtime-json.ts";
export type { Role, Toolkit } from "./roles/toolkits.ts";
export type { DeclaredSchedule } from "./schedule.ts";
export { check, type StandardSchema } from "./schema.ts";
export { defineSkill, type Skill, type SkillOptions, type SkillStatus } from "./skill.ts";
export { defineTool, type Tool, type ToolRun } from "./tool.ts";
export { fail, type Judgement, pass, type ToolCall, type ToolScratchpad, type Validator } from "./validator.ts";
export { allSucceeded } from "./validators/all-succeeded.ts";
export { called } from "./validators/called.ts";
export { everyItemAttempted } from "./validators/every-item-attempted.ts";
export { matchesSchema } from "./validators/matches-schema.ts";
export { stopExecution } from "./validators/stop-execution.ts";
export { validJson } from "./validators/valid-json.ts";
