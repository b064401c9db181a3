/** A run is bound to its manifest: a restart may bring another task, and no other agent, version or content. */
import * as z from "zod";
import { builtInOf } from "../../domain/execution/built-in.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { Manifest } from "../../domain/manifest/manifest.ts";
import { contentOf } from "../../domain/manifest/stored-manifest.ts";
import { unlessActive } from "../../domain/manifest/unless-active.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import type { ExecutionClient } from "../ports.ts";

interface Needs {
  readonly client: Pick<ExecutionClient, "events">;
  readonly digest: (text: string) => string;
}

interface Asked {
  /** Of the execution that is restarted. */
  readonly origin: Origin;
  /** As its schema took it. */
  readonly input: Readonly<Record<string, Json>>;
}

const Bound = z.object({ manifest: Manifest });

/** The refusal of another manifest than that of the run; `undefined` where it is the same, or no manifest is run. */
export async function otherManifest(
  { client, digest }: Needs,
  caller: Principal,
  { origin, input }: Asked,
): Promise<Refusal | undefined> {
  if (builtInOf(origin) !== "manifest") return undefined;
  const { id, agent, version } = origin;
  const { manifest: given } = Bound.parse(input);
  const wrong = (message: string) =>
    refuse("invalid_input", `input.manifest: ${message}`, [{ path: "input.manifest", message }]);
  if (given.name !== agent || given.version !== version)
    return wrong(
      `is of ${given.name} ${given.version}, and the run is of ${agent} ${version}: start a run of it instead`,
    );
  const inactive = unlessActive(given);
  if (inactive) return inactive;
  const first = await client.events(caller, id, { after: 0, limit: 1 });
  if (!first.ok) return first;
  const [created] = first.value.events;
  const before = Bound.safeParse(created?.type === "execution.created" ? created.data.input : undefined).data;
  if (before && digest(contentOf(before.manifest)) === digest(contentOf(given))) return undefined;
  return wrong(`is another one than ${agent} ${version} of the run, under the same version: start a run of it instead`);
}
