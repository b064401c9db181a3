export type { Backoff } from "../domain/backoff.ts";
export type { Verdict } from "../domain/gate.ts";
export type { Json } from "../domain/json.ts";
export {
  type Agent,
  type AgentDefinition,
  defineAgent,
  type FunctionDefinition,
  type Router,
  router,
} from "./agent.ts";
export type {
  AskReply,
  AskRequest,
  CallOptions,
  Context,
  EffectOptions,
  PauseRequest,
  RetryPolicy,
  Scratchpad,
  Try,
} from "./context.ts";
export { ExecutionFailure, InDoubt, StepError } from "./errors.ts";
export { check, type StandardSchema } from "./schema.ts";
