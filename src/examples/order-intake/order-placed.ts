import * as z from "zod";
import type { Validator } from "../../define/index.ts";
import { fail, pass } from "../../define/index.ts";

const Answer = z.discriminatedUnion("placed", [
  z.object({ placed: z.literal(true), order_number: z.string() }),
  z.object({ placed: z.literal(false), reason: z.string() }),
]);

/** Words are no order: it counts what the shop said in this attempt, not what the model says about it. */
export const orderPlaced: Validator<unknown, "refused_by_shop"> = {
  name: "order_placed",
  validate(response, _input, scratchpad) {
    const { data: answer } = Answer.safeParse(scratchpad.read("place_order"));
    if (!answer)
      return fail({
        feedback: "You have not placed the order: call place_order, then answer with its result as JSON.",
      });
    // The same order would be refused again: a person has to change it.
    if (!answer.placed)
      return fail({ retryNeeded: false, failureCode: "refused_by_shop", feedback: `The shop: ${answer.reason}.` });
    if (response.includes(answer.order_number)) return pass;
    return fail({ feedback: `Call place_order again and answer with the number it gives: ${answer.order_number}.` });
  },
};
