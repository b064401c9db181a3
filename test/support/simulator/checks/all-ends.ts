import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const allEnds: Check = {
  name: "every execution has ended and owes nothing",
  asked: "at the end",
  wrongs: ofEach(unfinished),
};

function unfinished(world: SimWorld, id: string): string[] {
  const { view, owed } = world.store(id);
  const { state } = view;
  const ended = state && isTerminal(state.status);
  return [
    ...(ended ? [] : [`${id} never ended: ${state?.status} ${state?.reason ?? ""}`]),
    ...(owed.size > 0 ? [`${id} still owes ${[...owed.keys()].join()}`] : []),
  ];
}
