import { join } from "node:path";
import { helpText, readFlags } from "./flags.ts";
import { beginLight, stayLight } from "./memory.ts";
import { nodeTooOld } from "./node-version.js";
import type { Project } from "./project.ts";
import { findProject } from "./project.ts";
import { refuse, wrongUse } from "./refuse.ts";

/** The folder that is served, and how the person called us. */
export interface Called extends Partial<Omit<Project, "root">> {
  readonly root: string;
  /** For sentences: `npm start --`, `npx errand dev`. */
  readonly command: string;
}

/** The command line of the launcher: `npm start` and `errand dev` hand their arguments in. Returns when it serves. */
export async function runCommand(args: readonly string[], { command, ...project }: Called): Promise<void> {
  const old = nodeTooOld();
  if (old !== undefined) refuse(wrongUse(old));
  const flags = readFlags(args, command);
  if (typeof flags === "string") refuse(wrongUse(flags));
  if (flags.help) {
    console.log(helpText(command));
    return;
  }
  // A folder without a Worker stays as it is.
  const found = findProject(project);
  if (typeof found === "string") refuse(wrongUse(found));
  const { port, host, state } = flags;
  const environment = {
    ...process.env,
    ...(port === undefined ? {} : { PORT: port }),
    ...(host === undefined ? {} : { ERRAND_HOST: host }),
    ...(state === undefined ? {} : { STATE_DIR: state }),
  };
  beginLight();
  stayLight(join(found.root, ".errand/compiled"));
  // Not imported above: it loads Miniflare, which a refusal does not need.
  const { launch } = await import("./launch.ts");
  await launch({ ...project, environment, watch: flags.watch });
}
