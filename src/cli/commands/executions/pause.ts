import { MovedBody } from "../../../contract/replies.ts";
import { changing } from "../../frame/command.ts";
import { NextSteps } from "../inputs.ts";
import { moveInput, planMove } from "./moved.ts";

export const command = changing({
  input: moveInput,
  positionals: ["id"],
  output: MovedBody.extend({ next_steps: NextSteps }),
  examples: ["errand executions pause latest"],
  plan: (input, session) =>
    planMove({ verb: "Pauses", move: (client, id, how) => client.pause(id, how) }, input, session),
});
