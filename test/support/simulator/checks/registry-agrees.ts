import { fold } from "../../../../src/domain/fold/evolve.ts";
import { canonicalJson } from "../../../../src/domain/values/json.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const registryAgrees: Check = {
  name: "the registry has each execution's end, and was told nothing that did not happen",
  asked: "at the end",
  wrongs: ofEach(registryWrongs),
};

/** The registry has the end, and was never told anything that did not happen. */
function registryWrongs(world: SimWorld, id: string): string[] {
  const rows = world.registry.get(id) ?? [];
  const { events, state } = world.store(id).view;
  const invented = rows.filter((row) => canonicalJson(fold(events.slice(0, row.seq))) !== canonicalJson(row));
  const last = rows.reduce((newest, row) => Math.max(newest, row.seq), 0);
  const known = rows.find(({ seq }) => seq === last);
  return [
    ...invented.map(({ seq }) => `P5: the registry was told of ${id} at ${seq} what never happened`),
    ...(known?.status === state?.status ? [] : [`the registry has ${id} ${known?.status}, not ${state?.status}`]),
  ];
}
