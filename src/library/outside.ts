/**
 * The package `errand` outside of Workers: tests of agents in Node, scripts. Definitions are what they are in a Worker; the
 * classes of Durable Objects are not there, so that nothing can be served.
 */
export {
  AnswerError,
  ApprovalExpired,
  ApprovalRejected,
  allSucceeded,
  called,
  check,
  DefinitionError,
  defineAgent,
  defineCoordinator,
  defineDispatcher,
  defineExecution,
  defineExecutor,
  definePlan,
  definePlanner,
  defineRuntime,
  defineSkill,
  defineSpecialist,
  defineTool,
  ERROR_CODES,
  ExecutionFailure,
  everyItemAttempted,
  fail,
  fileBlock,
  hasCode,
  InDoubt,
  isErrorCode,
  layeredPrompt,
  matchesSchema,
  PerTenant,
  pass,
  planApproval,
  router,
  StepError,
  service,
  stopExecution,
  ToolError,
  toolApproval,
  validJson,
} from "../define/index.ts";

export function createErrand(): never {
  throw new Error(
    "createErrand makes a Worker, and this is none: import the agents' files here, and run the Worker with `npx errand dev` or in @cloudflare/vitest-plugin",
  );
}

export function undeclared(error: unknown): never {
  throw error;
}
