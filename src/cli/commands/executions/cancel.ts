import { CancelBody } from "../../../contract/replies.ts";
import { changing } from "../../frame/command.ts";
import { NextSteps } from "../inputs.ts";
import { moveInput, planMove } from "./moved.ts";

export const command = changing({
  input: moveInput,
  positionals: ["id"],
  output: CancelBody.extend({ next_steps: NextSteps }),
  isFinal: true,
  examples: ["errand executions cancel latest --reason 'not needed any more' --yes"],
  plan: (input, session) =>
    planMove({ verb: "Cancels", move: (client, id, how) => client.cancel(id, how) }, input, session),
});
