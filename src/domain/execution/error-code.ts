/**
 * Every code of Errand's own that a program can catch, once: what it means and what to do. `StepError.code` is typed by this
 * table, the engine can give no other code, and docs/errors.md shows it. Codes of a program's own stand beside it.
 */
import * as z from "zod";

interface ErrorRow {
  /** Where it comes from: the headings of docs/errors.md. */
  readonly from: "call" | "value" | "try" | "turn" | "file" | "wait" | "child" | "node" | "conversation";
  readonly means: string;
  /** What the program, or its author, does next. */
  readonly next: string;
}

const from =
  (place: ErrorRow["from"]) =>
  (means: string, next: string): ErrorRow => ({ from: place, means, next });
const call = from("call");
const value = from("value");
const attempt = from("try");
const turn = from("turn");
const file = from("file");
const wait = from("wait");
const child = from("child");
const node = from("node");
const conversation = from("conversation");

export const ERROR_CODES = {
  invalid_options: call(
    "An option or a name of the call does not fit; the message names it, `details.path` where it stands.",
    "Correct the call. The same call is refused again.",
  ),
  duplicate_key: call(
    "Two calls that are open at the same time have one name in one branch, or two items of `ctx.all` have one key.",
    "Name them apart, or give each a branch of its own with `ctx.all`.",
  ),
  not_a_program: call(
    "A verb of `ctx` was called from inside a step, an effect, a tool or a probe.",
    "Call it in the program, before or after; in there use the argument (`attempt`, `signal`, `now()`, `random()`).",
  ),

  value_not_json: value(
    "A result or an argument is no JSON; the message names the path.",
    "Return plain JSON: objects, arrays, texts, finite numbers, true, false, null.",
  ),
  value_too_large: value(
    "A result, an argument or a child's output is larger than an entry of the journal takes; the message names the limit.",
    "Keep it elsewhere and return its address. The effect itself did happen.",
  ),
  invalid_value: value(
    "The log cannot take what was said; the message names the field and its limit.",
    "Shorten or correct the field.",
  ),
  memory_refused: value(
    "The memory did not take or give what was asked; `details.fault` has the code of the refusal.",
    "Do as the message says: `memory_full` is mended by deleting, `misconfigured` by an operator.",
  ),
  storage_full: value(
    "The execution has no room left in its storage. It ends with this code; a parent catches it.",
    "Keep large values elsewhere, or split the work into children.",
  ),

  error: attempt(
    "A step, an effect, a tool or a probe threw an error without a code of its own; the message is that of the error.",
    "Read the message. To tell your errors apart throw `new StepError(code, message)` in the try.",
  ),
  timeout: attempt(
    "It took longer than `timeoutMs`, than `ctx.within` allows, or than a provider answers. An effect may have happened.",
    "Go another way, or give `maxAttempts`; an effect that is not `idempotent` needs a `checkOutcome` to be tried again.",
  ),
  interrupted: attempt(
    'A crash interrupted an effect whose `onInterrupt` is "fail": whether it happened is not known.',
    "Look at the outside, then go on or compensate.",
  ),
  in_doubt: attempt(
    "No person said in time what became of an effect in doubt: it counts as failed, and may have happened.",
    "Look at the outside, then go on or compensate; a `checkOutcome` spares the question.",
  ),
  resolved_as_failed: attempt(
    "A person said of an effect in doubt that it failed; the message is theirs.",
    "Go another way, or call it again under another name.",
  ),
  withdrawn: attempt(
    "It lost its race: the reason of the `signal` that a try is handed. The program itself is not told.",
    "Stop, and undo what is half done.",
  ),
  internal_error: attempt(
    "An error of Errand's own: what came of it could not be written down. It may have happened.",
    "Look at the outside. Report it; the log has the details.",
  ),

  budget_exceeded: turn(
    "The budget does not cover it. Only an optional turn (a summary) and a child reject with it; else the execution ends.",
    "Go on without it, or start with a larger budget.",
  ),
  unknown_price: turn(
    "The model has no known price, and the execution has a budget in dollars.",
    "Choose a model with a price, or another limit: `maxTokens`, `maxTurns`.",
  ),
  no_model: turn("No model is configured.", "Configure a provider: docs/models.md."),
  rate_limited: turn(
    "The provider takes no more requests now, after five tries; `details.retry_at` where it asks for more than an hour.",
    "Wait with `ctx.sleep` and ask again under another name.",
  ),
  overloaded: turn("The provider is overloaded, after five tries.", "Wait with `ctx.sleep`, or ask another model."),
  server_error: turn("The provider failed, after five tries.", "Wait with `ctx.sleep`, or ask another model."),
  connection: turn(
    "The provider, or the store of files, was not reached, after five tries.",
    "Wait with `ctx.sleep`, or ask another model.",
  ),
  cut_stream: turn("The answer broke off, after five tries.", "Ask for less at a time (`maxTokens`)."),
  invalid_request: turn("The provider refuses the request; the message says why.", "Correct the request."),
  authentication: turn("The provider refuses the key.", "An operator sets the key: docs/models.md."),
  aborted: turn("The turn was given up.", "Nothing: the execution has ended, or the turn lost its race."),

  file_not_found: file("The execution was not given this file.", "Use the files in `ctx.files`."),
  file_expired: file("The file is no longer kept.", "Start the execution again with the file."),
  file_missing: file("The file is not in the store any more.", "Start the execution again with the file."),

  signal_timeout: wait("No signal came within `timeoutMs`.", "Go on without it, or wait again under another name."),
  approval_rejected: wait(
    "`ApprovalRejected`: a person said no, or asked for changes (`decision`, `feedback`).",
    "Change what was asked for and ask again under another name, or let it end the execution.",
  ),
  approval_expired: wait(
    "`ApprovalExpired`: no person decided within `expiresInMs`.",
    "Ask again under another name, or let it end the execution.",
  ),
  approval_already_requested: wait(
    "An approval of the tenant was asked for under this `id` before.",
    "Give each approval an `id` of its own, or none.",
  ),

  target_not_found: child("No function answers to this target.", "Correct the target: `agent.function`."),
  too_deep: child("Too many executions stand above the child.", "Call it from further up; the message has the limit."),
  child_refused: child(
    "The child never began: its start was refused; `details.code` says why.",
    "Correct the input or the target, and call it again under another name.",
  ),
  child_cancelled: child("The child was cancelled.", "Go on without it, or call it again under another name."),
  child_timeout: child(
    "The child ran into its `timeoutMs`.",
    "Give it more time, or call it again under another name.",
  ),
  runtime_error: child(
    "The child's program threw what it does not declare; `details.code` is that of the `StepError`, if it was one.",
    "Read the child's log. A code that the child gave to `ctx.fail` arrives as it is.",
  ),
  invalid_input: child("The child's schema refuses its input.", "Correct the input."),
  invalid_output: child("The child's output does not fit its schema.", "Correct the child."),
  storage_failed: child("The child's storage took no writes.", "Call it again later under another name."),
  source_unavailable: child(
    "The execution that the child restarts can no longer be read.",
    "Start it anew instead of restarting it.",
  ),
  validation_failed: child(
    "Validators of an agentic child rejected the response, and no retry was asked for.",
    "Read the child's attempts.",
  ),
  unknown: child(
    "An agentic child gave up by itself, for a reason that its definition does not declare; the message is the model's.",
    "Read the child's attempts.",
  ),
  max_retries_exceeded: child(
    "An agentic child's response was rejected in every attempt; the message sums up.",
    "Read the child's attempts; make the task smaller or the validators say more.",
  ),
  skill_failed: child(
    "A skill that an agent with a manifest planned has failed; the details hold each result.",
    "Read why it failed, mend it or its inputs, and restart the run.",
  ),
  too_many_turns: child(
    "An agent had taken its most turns without coming to an answer.",
    "Make the task smaller, or raise `max_turns` (of an agent with a role: `maxTurns`).",
  ),
  plan_refused: child(
    "The plan did not take the subtasks into which a task was taken apart; the message says why.",
    "Read the plan: the task may be gone, or have subtasks that were written since.",
  ),
  plan_not_found: child(
    "There is no plan of this id among those of the execution's owner.",
    "Pass the `plan_id` that the planner gave.",
  ),
  plan_mismatch: child(
    "The plan was written for another `definePlan`, or its actions are not those that were approved.",
    "Have a plan written anew.",
  ),
  plan_not_approved: child(
    "The plan is not approved: it waits, was rejected, or changes were asked for.",
    "Have it approved, or written anew.",
  ),
  plan_taken: child(
    "Another execution carries the plan out, or has.",
    "Read its report; have a plan written anew for what is left.",
  ),
  plan_failed: child(
    "An action of the plan failed; the details hold the result of each.",
    "Read the results; mend the cause, and have a plan written for what is left.",
  ),
  session_missing: child(
    "A message to an agent that keeps its conversations came without a session.",
    "Send `X-Session-ID` with it.",
  ),
  key_revoked: child(
    "The key that asked for a bulk operation was revoked while it ran. What it had touched stays so.",
    "Ask again with another key: what was touched is not touched twice by a pause, a resume or a cancel.",
  ),
  thread_busy: child(
    "Too many messages of one session were answered at once: this one could not be remembered.",
    "Send the messages of a session one after the other.",
  ),

  agent_error: node(
    "The remote agent reported a failure, or refused the call; the message is its own.",
    "Read the agent's log, then call it again under another name.",
  ),
  agent_unreachable: node(
    "No request reached the remote agent within its time.",
    "See that its node runs and is registered under an address that can be reached, then call it again.",
  ),
  agent_timeout: node(
    "The remote agent did not report an end within its time. It may have done its work.",
    "Look at the outside, or give the node a longer `dispatch_timeout`.",
  ),
  agent_cancelled: node("The remote agent reported that it was cancelled.", "Go on without it, or call it again."),
  agent_restart_orphaned: node(
    "The process of the remote agent that had the call is gone, and did not report an end.",
    "Look at the outside, then call it again; a function with the tag `idempotent` is called again by itself.",
  ),

  answer_cut_off: conversation(
    '`AnswerError` with the reason "cut_off": the output of the model was full.',
    "Ask for less. Left alone the attempt is judged invalid and corrected.",
  ),
  answer_refused: conversation(
    '`AnswerError` with the reason "refused": the model declines.',
    "Ask otherwise. Left alone it ends the execution.",
  ),
  conversation_busy: conversation(
    "Two questions were asked at the same time in one conversation.",
    "Await each `conversation.ask` before the next.",
  ),
  too_many_tool_rounds: conversation(
    "The model called tools in `maxToolRounds` turns without coming to an answer.",
    "Raise `maxToolRounds`, or ask for less.",
  ),
  tool_fatal: conversation(
    "In the log only: a tool threw a `ToolError` that is `fatal`; the execution ends with its `failureCode`.",
    "Read the tool's entry.",
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

const MOST_CODE = 200;

/** A code that is not Errand's: what `ctx.fail` or an error of the program's own says. */
type OwnCode = string & z.core.$brand<"OwnCode">;

/** As the log keeps it: of the table, or a program's own. A code that is written in the engine has to be of the table. */
export type LoggedCode = ErrorCode | OwnCode;
export const LoggedCode = z.string().max(MOST_CODE) as unknown as z.ZodType<LoggedCode, string>;

/** A code that came from the outside, in the length that the log takes. */
export function loggedCode(code: string): LoggedCode {
  return code.slice(0, MOST_CODE) as LoggedCode;
}
