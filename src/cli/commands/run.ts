/**
 * `errand run`: one run of an agent with a manifest.
 *
 * - It is started and then read along: who stops waiting leaves it running, and is told how to come back.
 * - It is sent with a key: a request that is sent again starts nothing anew.
 * - With `--json` the document is the envelope of the run, also of one that could not begin.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { RunAgentRequest } from "../../client/agents.ts";
import type { Client } from "../../client/client.ts";
import { ProblemError } from "../../client/transport/errors.ts";
import type { Execution } from "../../client/transport/options.ts";
import { RunResultBody, StartedRunBody } from "../../contract/manifests/run-body.ts";
import type { Result, Session } from "../frame/command.ts";
import { reading } from "../frame/command.ts";
import type { Next } from "../frame/failure.ts";
import { Failure } from "../frame/failure.ts";
import { failureOf, watch } from "../frame/failure-of.ts";
import { commandLine } from "../frame/quote.ts";
import { untilEnd } from "../frame/waiting.ts";
import { isPath, readFiles } from "../manifest-file.ts";
import type { RunDetails, RunResult } from "../run/envelope.ts";
import { RefusedRunBody, refusedRun } from "../run/envelope.ts";
import type { Meant } from "../run/find-agent.ts";
import { byName, byPath, pathOf } from "../run/find-agent.ts";
import { followRun } from "../run/follow-run.ts";
import { writeLog } from "../run/log-files.ts";
import { answer, beginning, ending, results } from "../run/sections.ts";
import { nextSteps } from "./executions/next-steps.ts";
import { NextSteps, timeout, word } from "./inputs.ts";

const input = z.object({
  agent: word("AGENT", "the agent's name, or the path of its manifest"),
  task: z.string().max(262_144).optional().meta({ value: "TASK", description: "what it is to do" }),
  context: z
    .array(z.string().regex(/^[^=]+=/, "must be NAME=VALUE"))
    .optional()
    .meta({ value: "NAME=VALUE", description: "what the manifest asks for in context_requirements" }),
  file: z
    .array(z.string().min(1))
    .max(10)
    .optional()
    .meta({ value: "PATH", description: "a document for its skills, as a text in UTF-8" }),
  dryRun: z.boolean().default(false).meta({ description: "plan and run no skill: each is simulated" }),
  saveLog: z.boolean().default(true).meta({ description: "write no log to agent_logs" }),
  agentVersion: word("VERSION", "of an agent that the server has stored; default the current one").optional(),
  session: word("ID", "the session that it belongs to").optional(),
  timeout,
});
type Asked = z.output<typeof input>;

export const command = reading({
  input,
  positionals: ["agent", "task"],
  output: z.union([RunResultBody.extend({ next_steps: NextSteps }), StartedRunBody, RefusedRunBody]),
  examples: [
    'errand run api.designer "Design a REST API for user management"',
    'errand run api.analyzer "Analyze this API" --file openapi.yaml --context domain=billing',
    'errand run api.designer "Design an API" --no-save-log --json',
  ],
  async run(asked, session) {
    const client = await session.client();
    try {
      return await runAgent(client, asked, session);
    } catch (error) {
      throw inEnvelope(error, asked, session);
    }
  },
});

interface Begun {
  readonly meant: Meant;
  readonly answered: Awaited<ReturnType<Client["runAgent"]>>;
}

async function runAgent(client: Client, asked: Asked, session: Session): Promise<Result> {
  const begun = await begin(client, asked, session);
  const { answered } = begun;
  const executionId = answered.execution_id;
  if (isResult(answered)) return told(answered, asked, session);
  session.say(`${begun.meant.name} runs as ${executionId}`);
  const ended = untilEnd({ executionId, timeoutMs: asked.timeout, session }, async (signal) => {
    const execution = await followRun(client, { executionId, signal, say: session.say, live: session.live });
    if (execution.finished_at === undefined) throw waiting(execution);
    return told(await resultOf(client, begun, signal), asked, session);
  });
  return ended.catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    // It goes on: the document says as what.
    throw new Failure(error.kind, error.message, { ...error.told, document: answered });
  });
}

/** By the path of a manifest, by a name that the server knows, or by one that this folder knows. */
async function begin(client: Client, asked: Asked, { cwd, interrupted: signal }: Session): Promise<Begun> {
  const { agent, agentVersion } = asked;
  if (isPath(agent) && agentVersion !== undefined)
    throw new Failure(
      "usage",
      "--agent-version is for an agent that the server has stored: the manifest of a path has its own.",
    );
  if (isPath(agent)) return start(client, asked, { meant: await byPath(client, agent, signal), signal });
  try {
    return await start(client, asked, { meant: { name: agent }, signal });
  } catch (error) {
    const meant = isUnknown(error) ? await byName(client, { cwd, name: agent }, signal) : undefined;
    if (meant === undefined) throw error;
    return start(client, asked, { meant, signal });
  }
}

interface Starting {
  readonly meant: Meant;
  readonly signal: AbortSignal;
}

async function start(client: Client, asked: Asked, { meant, signal }: Starting): Promise<Begun> {
  const { task, context = [], file = [], dryRun, saveLog, agentVersion, session: sessionId } = asked;
  const request: RunAgentRequest = {
    ...(meant.manifest === undefined ? {} : { manifest: meant.manifest }),
    ...(agentVersion === undefined || meant.manifest !== undefined ? {} : { version: agentVersion }),
    ...(task === undefined ? {} : { task_context: task }),
    ...(context.length === 0 ? {} : { context: Object.fromEntries(context.map(pairOf)) }),
    ...(file.length === 0 ? {} : { files: readFiles(file) }),
    dry_run: dryRun,
    save_log: saveLog,
  };
  const session = sessionId === undefined ? {} : { sessionId };
  const options = { waitMs: 0, idempotencyKey: randomUUID(), signal, ...session };
  return { meant, answered: await client.runAgent(meant.name, request, options) };
}

function pairOf(given: string): readonly [string, string] {
  const at = given.indexOf("=");
  return [given.slice(0, at), given.slice(at + 1)];
}

/** The run that has ended, by its id: its agent may be another one by now, or removed. */
async function resultOf(client: Client, { meant, answered: begun }: Begun, signal: AbortSignal): Promise<RunResult> {
  const answered = await client.agents.getRun(meant.name, begun.execution_id, { waitMs: 30_000, signal });
  if (isResult(answered)) return answered;
  throw new Failure("server", `${answered.execution_id} has ended, and the server does not say how.`);
}

function isResult(answered: Begun["answered"]): answered is RunResult {
  return answered.status === "success" || answered.status === "failed";
}

function told(run: RunResult, { agent, saveLog }: Asked, { cwd }: Session): Result {
  const { log_path: _onServer, ...own } = run.details;
  const name = own.agent?.name ?? agent;
  const details: RunDetails = saveLog ? writeLog(cwd, name, own) : own;
  const logPath = details.log_path;
  const [error] = run.errors;
  const id = run.execution_id;
  return {
    document: { ...run, details },
    view: [...beginning(details, name), ...answer(details), ...results(details), ...ending(run.ok, { logPath, error })],
    warnings: [
      ...(details.warnings ?? []),
      ...(details.missing_context ?? []).map((one) => `the context has no ${one}`),
    ],
    next: [
      { command: `errand executions show ${id}`, description: "shows what it did" },
      ...(logPath === undefined ? [] : [{ command: `errand logs show ${name}`, description: "prints its log" }]),
      ...(run.ok ? [] : [{ command: `errand executions restart ${id}`, description: "starts one that follows it" }]),
    ],
    ends: run.ok ? "done" : "failed",
  };
}

function waiting(execution: Execution<unknown>): Failure {
  const { execution_id: id, why } = execution;
  const message = `${id} waits for a person${why === undefined ? "" : `: ${why.sentence}`}.`;
  return new Failure("waits", message, { next: [...nextSteps(execution), watch(id)] });
}

function isUnknown(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 404;
}

function inEnvelope(error: unknown, { agent }: Asked, { settings, cwd, interrupted }: Session): unknown {
  if (interrupted.aborted && !(error instanceof Failure)) return error;
  if (error instanceof Failure && error.told.document) return error;
  const failure = failureOf(error, settings.url.value);
  // A document of --file may be what is missing.
  const isMissing =
    failure.kind === "not_found" &&
    (error instanceof ProblemError || (isPath(agent) && failure.message.startsWith(agent)));
  const about = {
    agent_path: agent,
    ...(isMissing ? { expected_path: isPath(agent) ? agent : pathOf(cwd, agent) } : {}),
    ...(isMissing ? { suggestion: "Use 'errand agents list' to see available agents" } : {}),
  };
  const body = error instanceof ProblemError ? error.body : undefined;
  const document = refusedRun(failure, about, body);
  const next = isMissing
    ? [{ command: "errand agents list", description: "lists the agents that there are" }]
    : otherSteps(failure, agent);
  const [message = failure.message, ...causes] = failure.kind === "usage" ? document.errors : [failure.message];
  const looked = isMissing && !isPath(agent) ? [`Neither ${settings.url.value} nor ${pathOf(cwd, agent)} has it.`] : [];
  return new Failure(failure.kind, message, {
    ...failure.told,
    causes: [...(causes.length > 0 ? causes : (failure.told.causes ?? [])), ...looked],
    next,
    document,
  });
}

function otherSteps({ kind, told: { next = [] } }: Failure, agent: string): readonly Next[] {
  if (kind !== "usage" || !isPath(agent)) return next;
  return [
    { command: commandLine(["agents", "validate", agent]), description: "says everything that is wrong with it" },
  ];
}
