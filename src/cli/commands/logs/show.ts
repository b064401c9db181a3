import * as z from "zod";
import { RunResultBody } from "../../../contract/manifests/run-body.ts";
import { reading } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { isPath } from "../../manifest-file.ts";
import { logFiles, readLogFile } from "../../run/log-files.ts";
import { answer, beginning, ending, results } from "../../run/sections.ts";
import { NextSteps, word } from "../inputs.ts";

const Details = RunResultBody.shape.details;

export const command = reading({
  input: z.object({ log: word("AGENT", "the agent whose newest log is meant, or the path of a log") }),
  positionals: ["log"],
  output: Details.extend({ next_steps: NextSteps }),
  examples: ["errand logs show api.designer", "errand logs show agent_logs/api.designer_20251023_143000.json"],
  async run({ log }, { cwd }) {
    const path = isPath(log) ? log : logFiles(cwd, log)[0]?.path;
    const next = [{ command: "errand logs", description: "lists those that there are" }];
    if (path === undefined) throw new Failure("not_found", `There is no log of ${log} in agent_logs.`, { next });
    const details = Details.safeParse(readLog(path)).data;
    if (!details) throw new Failure("usage", `${path} is no log of a run.`, { next });
    const ok = details.error === undefined && details.summary?.success !== false;
    return {
      document: details,
      view: [
        ...beginning(details, details.agent?.name ?? log),
        ...answer(details),
        ...results(details),
        ...ending(ok, { logPath: path, error: details.error?.message }),
      ],
    };
  },
});

function readLog(path: string): unknown {
  try {
    return readLogFile(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new Failure(isMissing ? "not_found" : "usage", `${path} ${isMissing ? "is not there" : "is no JSON"}.`);
  }
}
