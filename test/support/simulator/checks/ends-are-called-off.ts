import { isOpenExternal } from "../../../../src/domain/execution/entry.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

/** P3: an end reaches the receivers of what was still worked at. */
export const endsAreCalledOff: Check = {
  name: "what is worked at outside when its execution ends is called off there",
  asked: "at the end",
  wrongs: ofEach((world: SimWorld, id: string) => {
    const { state } = world.store(id).view;
    if (!state || !isTerminal(state.status) || !state.held) return [];
    const { entries } = world.actor(id).journal.index();
    return [...entries.values()]
      .filter(
        (entry) =>
          isOpenExternal(entry) && entry.sent !== undefined && !world.nodes.cancelled.has(`${id} ${entry.key}`),
      )
      .map(({ key }) => `P3: ${id} has ended, and the receiver of "${key}" was not told`);
  }),
};
