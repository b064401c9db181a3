/** Agents that are declared by a manifest: what they may use, and whether a manifest fits. */
import type { RunHeaders } from "../contract/executions/requests.ts";
import type { RunManifestRequest, ValidateManifestRequest } from "../contract/manifests/requests.ts";
import type { NamesQuery } from "../contract/query-values.ts";
import type { FunctionDefinition } from "../define/agent.ts";
import type { Briefing, SkillLibrary } from "../define/manifest/briefing.ts";
import { briefingOf } from "../define/manifest/briefing.ts";
import type { Skill } from "../define/skill.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { Manifest } from "../domain/manifest/manifest.ts";
import { readManifest } from "../domain/manifest/read-manifest.ts";
import { unlessActive } from "../domain/manifest/unless-active.ts";
import type { ExecutionView } from "../domain/read-models/view.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Json } from "../domain/values/json.ts";
import { toJson } from "../domain/values/json.ts";
import type { Executions } from "./executions.ts";
import { pageByName } from "./page-of.ts";
import type { StartRequest } from "./start-request.ts";

interface Parts {
  readonly library: SkillLibrary;
  readonly manifestRun: FunctionDefinition;
  readonly executions: Pick<Executions, "start">;
  readonly digest: (text: string) => string;
}

/** A manifest that fits, and what a run of it would begin with. */
interface Checked {
  readonly manifest: Manifest;
  readonly briefing: Briefing;
  readonly promptHash: string;
  readonly warnings: readonly string[];
}

interface AskedRun extends Pick<StartRequest, "baseUrl" | "region" | "traceparent" | "waitMs"> {
  readonly agentId: string;
  readonly request: RunManifestRequest;
  readonly headers: RunHeaders;
}

export class Manifests {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The skills of the code, by name. */
  skills(query: NamesQuery): ReturnType<typeof pageByName<Skill>> {
    const all = [...this.#parts.library.skills].sort(([one], [other]) => (one < other ? -1 : 1));
    return pageByName(all, query);
  }

  /** Starts a run of the manifest that came with the request, and waits for it. */
  async run(caller: Principal, { agentId, request, ...how }: AskedRun): Promise<Result<ExecutionView>> {
    if (request.manifest === undefined) return refuse("agent_not_found", `Agent not found: ${agentId.slice(0, 200)}`);
    const read = readManifest(request.manifest);
    if (!read.ok) return read;
    const { manifest } = read.value;
    const { name, version, error_handling } = manifest;
    if (name !== agentId)
      return refuse("invalid_manifest", `it is the manifest of "${name}"`, [
        { path: "name", message: `is "${name}", and the path names "${agentId.slice(0, 200)}"` },
      ]);
    const { library, manifestRun, executions } = this.#parts;
    if (library.agents.has(name))
      return refuse("id_taken", `"${name}" is an agent of the code: its manifest needs another name`);
    const inactive = unlessActive(manifest);
    if (inactive) return inactive;
    const { task_context, context, dry_run, save_log, budget } = request;
    const input = toJson({ manifest, task_context, context, dry_run, save_log }) as { [key: string]: Json };
    const definition = { ...manifestRun, timeoutMs: error_handling.timeout_seconds * 1_000 };
    return executions.start(caller, {
      ...how,
      ...{ target: `${name}.${manifestRun.name}`, found: { agent: name, version, definition, builtIn: "manifest" } },
      ...{ input, budget, context: undefined, metadata: undefined, deadlineMs: undefined },
    });
  }

  /** Refuses with everything that is wrong; stores nothing. */
  validate({ manifest: given, task_context: task, context }: ValidateManifestRequest): Result<Checked> {
    const read = readManifest(given);
    if (!read.ok) return read;
    const { manifest, warnings } = read.value;
    const briefing = briefingOf(this.#parts.library, { manifest, task: task ?? undefined, context: context ?? {} });
    const promptHash = this.#parts.digest(briefing.prompt.whole);
    return accept({ manifest, briefing, promptHash, warnings: [...warnings, ...briefing.warnings] });
  }
}
