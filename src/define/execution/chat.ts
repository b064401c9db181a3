/**
 * One message to an agent, and its answer: the program behind `{agent}.chat`. What was said before in the session is read at the
 * beginning, and the exchange is written at the end, over just that: a message that came between is never lost.
 */
import * as z from "zod";
import { FAILURE_CODES } from "../../domain/execution/attempt.ts";
import type { Script } from "../../domain/model/script.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { FunctionDefinition } from "../agent.ts";
import type { AgentConfig } from "../agent-config.ts";
import { ExecutionFailure } from "../errors.ts";
import type { ProgramContext, RecordName } from "../program-context.ts";
import type { ApprovalRule } from "../roles/approval-policy.ts";
import { CHAT } from "../roles/role-targets.ts";
import type { StandardSchema } from "../schema.ts";
import { strict } from "../strict.ts";
import type { Tool } from "../tool.ts";
import { runAttempts } from "./attempts.ts";
import { Conversation, TOO_MANY_TURNS } from "./conversation.ts";
import type { ModelTool } from "./model-tool.ts";
import { isProgramTool } from "./model-tool.ts";
import type { Thread, ThreadMessage } from "./thread.ts";
import {
  compacted,
  historyOf,
  NEW_THREAD,
  openKey,
  shortened,
  THREAD_KEY,
  Thread as ThreadShape,
  threadId,
  threadsId,
  tokensOf,
  withExchange,
} from "./thread.ts";
import type { Asking } from "./tool-approval.ts";

const MOST_MESSAGE = 100_000;
/** What the header X-Session-ID takes. */
const Session = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x20-\x2b\x2d-\x7e]+$/, "must be visible ASCII without a comma");
const ChatInput = z.object({
  message: z.string().min(1).max(MOST_MESSAGE),
  session: Session.optional().describe("Which conversation it belongs to, in place of X-Session-ID."),
});
type ChatInput = z.output<typeof ChatInput>;
const ChatOutput = z.object({ response: z.string() });

const CODES = ["session_missing", "thread_busy"] as const;

export interface ChatParts {
  readonly agent: string;
  readonly config: AgentConfig;
  readonly tools: readonly ModelTool[];
  readonly approvals: Readonly<Record<string, ApprovalRule>>;
  readonly asking: Asking;
  /** Whether what was said is remembered in the session. */
  readonly stateful: boolean;
  readonly threadTokens: number;
  readonly maxTurns: number;
  readonly script?: Script | undefined;
}

export function chatFunction(parts: ChatParts): FunctionDefinition {
  const program = (input: ChatInput, ctx: ProgramContext) => answer(parts, input, ctx);
  return {
    ...{ name: CHAT, kind: "execution", tags: [], program: program as never },
    description: "Answers one message of a conversation; the session (X-Session-ID) names the conversation.",
    ...{ input: strict(ChatInput as StandardSchema), output: ChatOutput as StandardSchema },
    // Messages of a session are answered one after the other.
    ...(parts.stateful ? { needsSession: true, concurrency: { limit: 1, key: keyOf as never } } : {}),
    execution: {
      ...{ name: `${parts.agent}: chat`, failureCodes: [...FAILURE_CODES, TOO_MANY_TURNS, ...CODES] },
      tools: parts.tools.filter((tool): tool is Tool => !isProgramTool(tool)),
    },
  };
}

const keyOf = ({ session }: ChatInput, { sessionId = "" }: { readonly sessionId?: string }) => session ?? sessionId;

const MAX_CORRECTIONS = 3;

async function answer(parts: ChatParts, { message, session }: ChatInput, ctx: ProgramContext): Promise<Json> {
  const sessionId = session ?? ctx.sessionId;
  const { config, tools, approvals, asking, script, maxTurns } = parts;
  const record = recordOf(parts, sessionId);
  const before = record && (await readThread(ctx, record));
  if (record && ctx.patched("announced", "thread.write")) await announce(ctx, record, message);
  const conversation = new Conversation(ctx, {
    ...{ config, tools, approvals, asking, script, maxTurns, history: historyOf(before ?? NEW_THREAD) },
    ...{ maxToolRounds: Number.POSITIVE_INFINITY, maxRetries: MAX_CORRECTIONS },
  });
  let response = "";
  const result = (text: string) => {
    response = text;
    return null;
  };
  const plan = { input: { message }, validators: [], onRetry: "feedback" as const, result };
  await runAttempts({ ...plan, execute: () => conversation.ask(message) }, ctx, conversation);
  if (record) {
    const said = { execution: ctx.executionId, atMs: ctx.now() };
    const exchange: readonly ThreadMessage[] = [
      { role: "user", text: message, ...said },
      { role: "assistant", text: response, ...said },
    ];
    const { agent, threadTokens: limit } = parts;
    await remember(ctx, { agent, sessionId, record, before, exchange, limit, conversation });
  }
  return { response };
}

function recordOf({ agent, stateful }: ChatParts, sessionId: string | undefined): RecordName | undefined {
  if (!stateful) return undefined;
  if (sessionId === undefined)
    throw new ExecutionFailure(
      "session_missing",
      `${agent} keeps its conversations: send X-Session-ID with the message`,
    );
  return { scope: "thread", id: threadId(sessionId, agent), key: THREAD_KEY };
}

/** Tells the room of the conversation, so that its clients see what came by another way. The thread's own value is another key. */
async function announce(ctx: ProgramContext, record: RecordName, text: string): Promise<void> {
  await ctx.records.write({ ...record, key: openKey(ctx.executionId) }, { data: { text } });
}

async function readThread(ctx: ProgramContext, record: RecordName): Promise<Thread | undefined> {
  const found = await ctx.records.read(record);
  return found === null ? undefined : ThreadShape.parse(found);
}

interface Remembering {
  readonly agent: string;
  readonly sessionId: string | undefined;
  readonly record: RecordName;
  readonly before: Thread | undefined;
  readonly exchange: readonly ThreadMessage[];
  readonly limit: number;
  readonly conversation: Conversation;
}

/** Most tries while other messages come between. */
const MOST_TRIES = 20;

async function remember(
  ctx: ProgramContext,
  { agent, sessionId, record, before, exchange, limit, conversation }: Remembering,
): Promise<void> {
  const grown = withExchange(before ?? NEW_THREAD, exchange);
  const kept = tokensOf(grown) > limit ? await inShort(grown, limit, conversation) : grown;
  if (await write(ctx, record, { now: kept, expects: before }))
    return listed(ctx, { agent, sessionId, isNew: before === undefined });
  for (let tries = 1; tries < MOST_TRIES; tries += 1) {
    // Only where nothing holds messages of a session back: then the words are kept in the order in which they were answered.
    const newer = await readThread(ctx, record);
    const now = shortened(withExchange(newer ?? NEW_THREAD, exchange), 2 * limit);
    if (await write(ctx, record, { now, expects: newer }))
      return listed(ctx, { agent, sessionId, isNew: newer === undefined });
  }
  throw new ExecutionFailure(
    "thread_busy",
    "too many messages came at once: what was answered could not be remembered",
  );
}

/** A thread that was not there is put on the list of its session. */
async function listed(
  ctx: ProgramContext,
  { agent, sessionId, isNew }: Pick<Remembering, "agent" | "sessionId"> & { readonly isNew: boolean },
): Promise<void> {
  if (!isNew || sessionId === undefined) return;
  await ctx.records.write({ scope: "thread", id: threadsId(sessionId), key: agent }, { data: {} });
}

function write(
  ctx: ProgramContext,
  record: RecordName,
  { now, expects }: { readonly now: Thread; readonly expects: Thread | undefined },
): Promise<boolean> {
  return ctx.records.write(record, { data: toJson(now), expects: expects === undefined ? null : toJson(expects) });
}

const SUMMARY_TOKENS = 4_096;
const SUMMARIZE =
  "Sum this conversation up for yourself: you will see the summary in place of it. Keep what was asked, decided and promised, " +
  "with names and numbers. Call no tool, and write at most 400 words.";

async function inShort(thread: Thread, limit: number, conversation: Conversation): Promise<Thread> {
  const summary = await conversation.summary(SUMMARIZE, SUMMARY_TOKENS);
  return summary === undefined ? shortened(thread, limit) : compacted(thread, summary);
}
