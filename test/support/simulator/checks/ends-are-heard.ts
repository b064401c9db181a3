import { canonicalJson } from "../../../../src/domain/values/json.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";

export const endsAreHeard: Check = {
  name: "what a parent holds as the end of a child is that child's end",
  asked: "at the end",
  wrongs: misheard,
};

/** What a parent holds as the end of a child is that child's end. */
function misheard(world: SimWorld): string[] {
  return [...world.stores].flatMap(([id, { view }]) =>
    view.events.flatMap((event) => {
      if (event.type !== "child.finished") return [];
      const { childId, status, outcome } = event.data;
      const child = world.stores.get(childId)?.view;
      // One that was refused for good never was.
      if (!child?.state || (!outcome.ok && outcome.error.code === "child_refused")) return [];
      const end = child.events[(child.state.resultSeq ?? 0) - 1];
      const isSame =
        status === child.state.status &&
        (end?.type !== "execution.succeeded" ||
          (outcome.ok && canonicalJson(outcome.value) === canonicalJson(end.data.output)));
      return isSame ? [] : [`${id} heard that its child ${childId} ${status}, and it is ${child.state.status}`];
    }),
  );
}
