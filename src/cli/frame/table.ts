/**
 * The commands, each one line: its words, what it is for, and the module that is imported when it is called. Help, completion
 * and `errand commands` are made of this table.
 */
import type { Command } from "./command.ts";

export interface Row {
  /** "executions list" */
  readonly words: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
  /** Its arguments are read by itself: it was there before this table. */
  readonly isRaw?: true;
}

function row(words: string, summary: string, load: Row["load"]): Row {
  return { words, summary, load };
}

/** The first word of more than one command, and what they are about. */
export const GROUPS: ReadonlyMap<string, string> = new Map([
  ["executions", "what runs and what has run"],
  ["approvals", "what waits for a person"],
  ["agents", "who can be asked to do something"],
  ["experiments", "which versions of an agent run"],
  ["skills", "what agents with a manifest may do"],
  ["schedules", "what starts by itself"],
  ["keys", "who may call"],
  ["logs", "the logs of runs in agent_logs"],
]);

export const ROWS: readonly Row[] = [
  { ...row("init", "make a folder with a small project", () => import("../commands/init.ts")), isRaw: true },
  { ...row("dev", "serve the Worker of this folder on this machine", () => import("../commands/dev.ts")), isRaw: true },
  row("run", "run an agent with a manifest: plan skills for a task, and run them", () => import("../commands/run.ts")),
  row("logs", "list the logs of runs in agent_logs", () => import("../commands/logs/list.ts")),
  row("logs show", "print the log of a run", () => import("../commands/logs/show.ts")),
  row("logs prune", "remove old logs", () => import("../commands/logs/prune.ts")),
  row(
    "executions start",
    "start an execution of any function, and follow it to its end",
    () => import("../commands/executions/start.ts"),
  ),
  row("executions list", "list executions, newest first", () => import("../commands/executions/list.ts")),
  row(
    "executions show",
    "show one execution: state, why it waits, waterfall",
    () => import("../commands/executions/show.ts"),
  ),
  row("executions events", "print the log of an execution", () => import("../commands/executions/events.ts")),
  row("executions why", "say why an execution waits, and who can go on", () => import("../commands/executions/why.ts")),
  row("executions watch", "follow an execution to its end", () => import("../commands/executions/watch.ts")),
  row("executions cancel", "cancel an execution and its children", () => import("../commands/executions/cancel.ts")),
  row("executions pause", "pause an execution", () => import("../commands/executions/pause.ts")),
  row("executions resume", "resume a paused execution", () => import("../commands/executions/resume.ts")),
  row(
    "executions restart",
    "start a new execution that follows one which has ended",
    () => import("../commands/executions/restart.ts"),
  ),
  row("executions signal", "send a signal to an execution", () => import("../commands/executions/signal.ts")),
  row(
    "executions bulk",
    "pause, resume, cancel, restart or redrive all that a filter finds",
    () => import("../commands/executions/bulk.ts"),
  ),
  row("executions resolve", "say what became of an effect in doubt", () => import("../commands/executions/resolve.ts")),
  row("approvals list", "list approvals, by default those that wait", () => import("../commands/approvals/list.ts")),
  row("approvals show", "show what is to be approved", () => import("../commands/approvals/show.ts")),
  row("approvals approve", "approve what waits", () => import("../commands/approvals/approve.ts")),
  row("approvals reject", "reject what waits", () => import("../commands/approvals/reject.ts")),
  row("agents list", "list agents and their functions", () => import("../commands/agents/list.ts")),
  row("agents show", "show one agent", () => import("../commands/agents/show.ts")),
  row("agents new", "write a manifest to agents/NAME/agent.yaml", () => import("../commands/agents/new.ts")),
  row("agents put", "store a manifest as a version of its agent", () => import("../commands/agents/put.ts")),
  row("agents delete", "remove a stored agent with all its versions", () => import("../commands/agents/delete.ts")),
  row(
    "agents validate",
    "say everything that is wrong with a manifest",
    () => import("../commands/agents/validate.ts"),
  ),
  row(
    "experiments show",
    "show an experiment, with what became of the runs of each version",
    () => import("../commands/experiments/show.ts"),
  ),
  row(
    "experiments set",
    "divide the runs of an agent among its versions",
    () => import("../commands/experiments/set.ts"),
  ),
  row("experiments delete", "end an experiment", () => import("../commands/experiments/delete.ts")),
  row("skills list", "list skills", () => import("../commands/skills/list.ts")),
  row(
    "skills show",
    "show one skill with the schemas of its input and output",
    () => import("../commands/skills/show.ts"),
  ),
  row("schedules list", "list schedules", () => import("../commands/schedules/list.ts")),
  row("schedules show", "show one schedule and its next instants", () => import("../commands/schedules/show.ts")),
  row("schedules create", "start a function at times", () => import("../commands/schedules/create.ts")),
  row("schedules change", "change a schedule", () => import("../commands/schedules/change.ts")),
  row("schedules pause", "let a schedule fire nothing", () => import("../commands/schedules/pause.ts")),
  row("schedules resume", "let a paused schedule fire again", () => import("../commands/schedules/resume.ts")),
  row("schedules trigger", "fire a schedule now", () => import("../commands/schedules/trigger.ts")),
  row("schedules history", "list what became of its instants", () => import("../commands/schedules/history.ts")),
  row("schedules delete", "remove a schedule; its executions stay", () => import("../commands/schedules/delete.ts")),
  row("keys create", "make a key", () => import("../commands/keys/create.ts")),
  row("keys list", "list keys", () => import("../commands/keys/list.ts")),
  row("keys revoke", "take a key out of force", () => import("../commands/keys/revoke.ts")),
  row("work", "do the work of a polling agent by a command", () => import("../commands/work.ts")),
  row("doctor", "look at the settings, the server and the key", () => import("../commands/doctor.ts")),
  row("completion", "print the completion script of a shell", () => import("../commands/completion.ts")),
  row(
    "commands",
    "describe every command with the schemas of input and output",
    () => import("../commands/commands.ts"),
  ),
];

/** The row that the words begin with, the longest first. */
export function rowOf(words: readonly string[]): Row | undefined {
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(" ");
    const row = words.length >= count ? ROWS.find((one) => one.words === name) : undefined;
    if (row) return row;
  }
  return undefined;
}
