/** What a person would look at first when the command does not do what it should. */
import * as z from "zod";
import type { HealthBody } from "../../contract/replies.ts";
import { nodeTooOld } from "../../dev-server/node-version.js";
import type { Session } from "../frame/command.ts";
import { reading } from "../frame/command.ts";
import type { ExitKind } from "../frame/exits.ts";
import type { Failure, Next } from "../frame/failure.ts";
import { failureOf } from "../frame/failure-of.ts";
import type { Settings } from "../frame/settings.ts";
import { ownVersion } from "../frame/version.ts";
import type { Cell } from "../output/blocks.ts";
import { toned } from "../output/blocks.ts";
import { NextSteps } from "./inputs.ts";

const Check = z.object({
  check: z.string(),
  state: z.enum(["good", "warning", "bad"]),
  says: z.string(),
});
type Check = z.infer<typeof Check>;

export const command = reading({
  input: z.object({}),
  output: z.object({ ok: z.boolean(), checks: z.array(Check), next_steps: NextSteps }),
  examples: ["errand doctor", "errand doctor --url https://errand.example.com"],
  async run(_input, session) {
    const server = await lookAtServer(session);
    const checks = [...lookHere(session.settings, server.needsKey), ...server.checks];
    return {
      document: { ok: server.ends === "done", checks },
      view: [
        {
          kind: "table",
          head: ["", "CHECK", "WHAT IS SO"],
          rows: checks.map(({ check, state, says }) => [MARKS[state], check, says]),
          empty: "",
        },
      ],
      next: server.next,
      ends: server.ends,
    };
  },
});

const MARKS: Readonly<Record<Check["state"], Cell>> = {
  good: toned("good", "✓"),
  warning: toned("warn", "!"),
  bad: toned("bad", "✗"),
};

function lookHere({ url, key, projectFile, userFile }: Settings, needsKey: boolean): Check[] {
  const old = nodeTooOld();
  const files = [...(projectFile === undefined ? [] : [projectFile]), userFile].join(", ");
  return [
    { check: "node", state: old === undefined ? "good" : "warning", says: old ?? `Node ${process.versions.node}` },
    { check: "errand", state: "good", says: ownVersion() },
    { check: "server", state: "good", says: `${url.value} (${SOURCES[url.from]})` },
    keyCheck(key, needsKey),
    { check: "files", state: "good", says: files },
  ];
}

function keyCheck(key: Settings["key"], needsKey: boolean): Check {
  if (key) return { check: "key", state: "good", says: `there is one (${SOURCES[key.from]})` };
  if (!needsKey) return { check: "key", state: "good", says: "none, and this server asks for none" };
  return { check: "key", state: "warning", says: "none: set ERRAND_API_KEY, or write it into the user's file" };
}

const SOURCES: Readonly<Record<Settings["url"]["from"], string>> = {
  flag: "from --url",
  environment: "from the environment",
  project: "from the project's errand.json",
  user: "from the user's file",
  default: "by default",
};

interface Looked {
  /** Whether it asks for a key, as far as that is known. */
  readonly needsKey: boolean;
  readonly checks: readonly Check[];
  readonly next: readonly Next[];
  readonly ends: ExitKind;
}

async function lookAtServer(session: Session): Promise<Looked> {
  const client = await session.client();
  const signal = session.interrupted;
  const begunAt = Date.now();
  const health = await tried(session, () => client.operations.health({ signal }));
  if ("kind" in health) return bad("answer", health);
  const needsKey = health.mode !== "open";
  const answer: Check = {
    check: "answer",
    state: "good",
    says: `${healthText(health)}, after ${Date.now() - begunAt} ms`,
  };
  const page = await tried(session, () => client.listPage({ limit: 1, signal }));
  if ("kind" in page) {
    const { checks, ...rest } = bad("access", page);
    return { ...rest, needsKey, checks: [answer, ...versions(health), ...checks] };
  }
  const [newest] = page.items;
  const next: Next[] = newest
    ? [{ command: `errand executions show ${newest.execution_id}`, description: "shows the newest execution" }]
    : [{ command: "errand agents list", description: "lists what can be run" }];
  return {
    checks: [answer, ...versions(health), { check: "access", state: "good", says: "executions can be read" }],
    needsKey,
    next,
    ends: "done",
  };
}

async function tried<T extends object>({ settings }: Session, ask: () => Promise<T>): Promise<T | Failure> {
  try {
    return await ask();
  } catch (error) {
    return failureOf(error, settings.url.value);
  }
}

function bad(check: string, { kind, message, told }: Failure): Looked {
  const where = kind === "auth" ? ["The key comes from ERRAND_API_KEY, or from the user's file."] : [];
  const says = [message, ...(told.causes ?? []), ...where].join(" ");
  return {
    needsKey: true,
    checks: [{ check, state: "bad", says }],
    next: (told.next ?? []).filter(isOther),
    ends: kind,
  };
}

function isOther({ command: line }: Next): boolean {
  return line !== "errand doctor";
}

function healthText({ status, mode, model }: z.infer<typeof HealthBody>): string {
  return [
    status,
    ...(mode === undefined ? [] : [`${mode} mode`]),
    ...(model === undefined ? [] : [`${model} model`]),
  ].join(", ");
}

function versions({ version }: z.infer<typeof HealthBody>): Check[] {
  if (version === ownVersion()) return [];
  return [{ check: "version", state: "warning", says: `the server is ${version}, this command is ${ownVersion()}` }];
}
