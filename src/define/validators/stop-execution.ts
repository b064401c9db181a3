import * as z from "zod";
import { STOP_TOOL } from "../execution/stop-tool.ts";
import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";

const Stopped = z.object({ reason: z.string() });

/**
 * Heeds the model that called `stop_execution`: failed at once, with its reason. It is asked first, so that it wins over what
 * else is wrong with the response; a definition that lists it elsewhere says where.
 */
export const stopExecution: Validator = {
  name: "stop_execution",
  validate(_response, _input, scratchpad) {
    const stopped = Stopped.safeParse(scratchpad.read(STOP_TOOL));
    return stopped.success ? fail({ retryNeeded: false, feedback: stopped.data.reason }) : pass;
  },
};
