/**
 * `errand work`: an agent that asks for its work and does each subtask by a command. The kit claims, renews and reports; here is what a
 * subtask is to a command: JSON on stdin, the output on stdout, an exit code.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { ActionContext } from "../../agent/index.ts";
import { ActionError, createPollingAgent, fileStore } from "../../agent/index.ts";
import type { Session } from "../frame/command.ts";
import { reading } from "../frame/command.ts";
import { text, toned } from "../output/blocks.ts";
import { outputOf } from "../work/output-of.ts";
import { runCommand } from "../work/run-command.ts";
import { word } from "./inputs.ts";

/** EX_DATAERR of sysexits.h: the input is at fault, and trying again changes nothing. */
const BAD_INPUT = 65;

const input = z.object({
  agent: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, "must be letters, digits, dots, _, : and -")
    .meta({ value: "AGENT", description: "the agent's id, unique in your tenant" }),
  command: z.array(z.string()).min(1).meta({ value: "COMMAND", description: "what does a subtask, behind --" }),
  action: z.array(z.string().min(1).max(128)).min(1).meta({ value: "ACTION", description: "an action that it can do" }),
  idempotent: z
    .boolean()
    .default(false)
    .meta({ description: "a subtask may be done twice: interrupted ones are repeated" }),
  concurrency: z.number().int().min(1).max(64).default(1).meta({ description: "subtasks at once (1)" }),
  role: word("ROLE", "as tasks name it in assignee_role").optional(),
});
type Asked = z.output<typeof input>;

export const command = reading({
  input,
  positionals: ["agent", "command"],
  output: z.object({ level: z.enum(["info", "warning", "error"]), message: z.string() }),
  isStream: true,
  examples: ["errand work agent_larry --action send_email -- ./send-email.sh"],
  async run(asked, session) {
    const { settings, emit } = session;
    const folder = join(session.cwd, ".errand/agents");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, fileName(asked.agent, settings.url.value));
    const keyFile = `${file}.key`;
    const key = ownKey(keyFile) ?? settings.key?.value;
    const actions = asked.action.map((action) => [action, actionOf(action, asked, session)] as const);
    const agent = createPollingAgent({
      ...{ url: settings.url.value, id: asked.agent, concurrency: asked.concurrency, signals: false },
      ...(key === undefined ? {} : { key }),
      ...(asked.role === undefined ? {} : { role: asked.role }),
      actions: Object.fromEntries(actions),
      store: fileStore(`${file}.json`),
      onKey: (made) => writeFileSync(keyFile, made, { mode: 0o600 }),
      log: ({ level, message }) =>
        emit({ document: { level, message }, view: [text(level === "info" ? message : toned("warn", message))] }),
    });
    let isStopping = false;
    const stop = () => {
      isStopping = true;
      session.say("It takes nothing new. What runs may end; a second ^C ends it at once.");
      void agent.stop();
    };
    for (const name of ["SIGTERM", "SIGHUP"] as const) process.once(name, stop);
    session.interrupted.addEventListener("abort", stop, { once: true });
    await agent.start().catch((error: unknown) => {
      // It was told to end before the server had answered.
      if (!isStopping) throw error;
    });
    if (!isStopping) session.say(`${asked.agent} waits for work from ${settings.url.value}. ^C ends it.`);
    await agent.done;
    return undefined;
  },
});

/** A key is for its own server alone. */
function fileName(id: string, url: string): string {
  return `${id}@${new URL(url).host}`.replaceAll(/[^\w.@-]/g, "_");
}

/** The key that its first registration made: it is shown once. */
function ownKey(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  chmodSync(path, 0o600);
  return readFileSync(path, "utf8").trim();
}

function actionOf(action: string, { command: words, idempotent }: Asked, { cwd, env }: Session) {
  return {
    input: z.record(z.string(), z.json()),
    idempotent,
    async run(params: { readonly [name: string]: unknown }, ctx: ActionContext) {
      const [name = "", ...args] = words;
      const ended = await runCommand({
        command: [name, ...args],
        ...{ cwd, signal: ctx.signal, stdin: `${JSON.stringify(told(action, params, ctx))}\n` },
        env,
      });
      if (ended.code === 0) return outputOf(ended.stdout);
      const how = ended.code === null ? "a signal ended it" : `it ended with code ${ended.code}`;
      throw new ActionError(ended.lastWords === "" ? how : `${how}: ${ended.lastWords}`, {
        type: "command_failed",
        retriable: ended.code !== BAD_INPUT,
      });
    },
  };
}

function told(action: string, params: object, ctx: ActionContext): object {
  return {
    ...{ action, params, execution_id: ctx.executionId, plan_id: ctx.planId, task_id: ctx.taskId, title: ctx.title },
    ...{ attempt: ctx.attempt, idempotency_key: ctx.idempotencyKey, plan: ctx.plan },
    ...{ success_criteria: ctx.successCriteria, last_progress: ctx.lastProgress, is_interrupted: ctx.isInterrupted },
  };
}
