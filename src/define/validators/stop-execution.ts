import { z } from "zod";
import { STOP_TOOL } from "../execution/stop-tool.ts";
import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";

const Stopped = z.object({ reason: z.string() });

/**
 * Heeds the model that called `stop_execution`: failed at once, with its reason. Put it first, so that it wins over what
 * else is wrong with the response; where a definition does not list it, it is asked after all others.
 */
export const stopExecution: Validator = {
  name: "stop_execution",
  validate(_response, _input, scratchpad) {
    const stopped = Stopped.safeParse(scratchpad.read(STOP_TOOL));
    return stopped.success ? fail({ retryNeeded: false, feedback: stopped.data.reason }) : pass;
  },
};
