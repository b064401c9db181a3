import * as z from "zod";
import { defineTool } from "../tool.ts";

export const STOP_TOOL = "stop_execution";

/** How a model that runs unattended says that the task cannot be done. Attached to every unattended run, and to nothing else. */
export const stopTool = defineTool({
  name: STOP_TOOL,
  description:
    "Ends this task as failed. Call it when the task cannot be completed and trying again would not help: nobody is " +
    "there to ask. Do not call it for a problem that you can solve yourself.",
  input: z.object({ reason: z.string().min(1).max(2_000).describe("Why, in words for a person.") }),
  idempotent: true,
  run: ({ reason }, { scratchpad }) => {
    scratchpad.record(STOP_TOOL, { reason });
    return "The task ends here.";
  },
});
