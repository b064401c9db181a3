/** Agents that are declared by a manifest: checked, stored, run. */
import type { RunHeaders } from "../../contract/executions/requests.ts";
import type { RunManifestRequest, ValidateManifestRequest } from "../../contract/manifests/requests.ts";
import type { NamesQuery } from "../../contract/query-values.ts";
import type { FunctionDefinition } from "../../define/agent.ts";
import type { Briefing, SkillLibrary } from "../../define/manifest/briefing.ts";
import { briefingOf } from "../../define/manifest/briefing.ts";
import type { Skill } from "../../define/skill.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { ReadManifest } from "../../domain/manifest/read-manifest.ts";
import { readManifest } from "../../domain/manifest/read-manifest.ts";
import { unlessActive } from "../../domain/manifest/unless-active.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { Executions } from "../executions/executions.ts";
import type { StartRequest } from "../executions/start-request.ts";
import { nodeSkills } from "../nodes/node-skills.ts";
import type { RemoteAgents } from "../nodes/remote-agents.ts";
import { pageByName } from "../page-of.ts";
import type { Experiments } from "./experiments.ts";
import type { ReadAgent, StoredManifests } from "./stored-manifests.ts";

interface Parts {
  readonly library: SkillLibrary;
  readonly manifestRun: FunctionDefinition;
  readonly executions: Pick<Executions, "start">;
  readonly stored: StoredManifests;
  readonly experiments: Pick<Experiments, "manifestFor">;
  /** For a run that nothing names: a session of its own. */
  readonly newKey: () => string;
  readonly remote: Pick<RemoteAgents, "one">;
  readonly digest: (text: string) => string;
}

/** A version as it was stored. */
interface Put {
  readonly agent: ReadAgent;
  /** False: the version was there already. */
  readonly isNew: boolean;
  readonly warnings: readonly string[];
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

type Fields = { [key: string]: Json };

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

  /** Stores a manifest under the name in the path, as a new version or as the one that it is already. */
  async put(caller: Principal, { agentId, document }: { agentId: string; document: unknown }): Promise<Result<Put>> {
    const read = this.#read(agentId, document);
    if (!read.ok) return read;
    const node = await this.#parts.remote.one(caller, agentId);
    if (node?.ok) return refuse("id_taken", `"${agentId}" is a node: store the manifest under another name`);
    if (node && !node.ok) return node;
    const stored = await this.#parts.stored.put(caller, read.value);
    if (!stored.ok) return stored;
    const { manifest } = read.value;
    const onNodes = await nodeSkills(this.#parts, caller, manifest.skills_available);
    const { warnings } = briefingOf(this.#parts.library, { manifest, task: undefined, context: {}, onNodes });
    return accept({ ...stored.value, warnings: [...read.value.warnings, ...warnings] });
  }

  /** With all its versions; runs go on, and are kept. */
  remove(caller: Principal, agentId: string): Promise<Result<null>> {
    const { library, stored } = this.#parts;
    if (library.agents.has(agentId))
      return Promise.resolve(refuse("agent_bundled", `"${agentId}" is an agent of the code`));
    return stored.remove(caller, agentId);
  }

  /** A manifest that was sent for the agent that the path names. */
  #read(agentId: string, document: unknown): Result<ReadManifest> {
    const read = readManifest(document);
    if (!read.ok) return read;
    const { name } = read.value.manifest;
    if (name !== agentId)
      return refuse("invalid_manifest", `it is the manifest of "${name}"`, [
        { path: "name", message: `is "${name}", and the path names "${agentId.slice(0, 200)}"` },
      ]);
    if (this.#parts.library.agents.has(name))
      return refuse("id_taken", `"${name}" is an agent of the code: its manifest needs another name`);
    return read;
  }

  /** The manifest that came with the request, else the stored one. */
  async #asked(caller: Principal, { agentId, request, headers }: AskedRun): Promise<Result<Manifest>> {
    const { manifest: document, version } = request;
    if (document !== undefined && version !== undefined) {
      const message = "names a stored version, and a manifest was sent: send one of the two";
      return refuse("invalid_input", `version: ${message}`, [{ path: "version", message }]);
    }
    if (document !== undefined) {
      const read = this.#read(agentId, document);
      return read.ok ? accept(read.value.manifest) : read;
    }
    if (version === undefined || version === null) {
      // A request that is sent again has the version of the first.
      const key = headers["x-session-id"] ?? headers["idempotency-key"] ?? this.#parts.newKey();
      return this.#parts.experiments.manifestFor(caller, agentId, key);
    }
    const found = await this.#parts.stored.one(caller, agentId, version);
    return found.ok ? accept(found.value.manifest) : found;
  }

  /** Starts a run, and waits for it. It takes its manifest along: what is stored later changes it no more. */
  async run(caller: Principal, { agentId, request, ...how }: AskedRun): Promise<Result<ExecutionView>> {
    const asked = await this.#asked(caller, { agentId, request, ...how });
    if (!asked.ok) return asked;
    const manifest = asked.value;
    const { name, version, error_handling } = manifest;
    const { manifestRun, executions } = this.#parts;
    const inactive = unlessActive(manifest);
    if (inactive) return inactive;
    const { task_context, context, files, dry_run, save_log, remember, budget } = request;
    const onNodes = await nodeSkills(this.#parts, caller, manifest.skills_available);
    const said = { task_context, context, files, dry_run, save_log, remember };
    const input = toJson({ manifest, ...said, ...(onNodes.length === 0 ? {} : { on_nodes: onNodes }) }) as Fields;
    const definition = { ...manifestRun, timeoutMs: error_handling.timeout_seconds * 1_000 };
    return executions.start(caller, {
      ...how,
      target: `${name}.${manifestRun.name}`,
      found: { agent: name, version, definition, builtIn: "manifest", ...(save_log ? {} : { unlogged: true }) },
      // The same request again is the same run, whatever was stored meanwhile.
      identity: {
        ...said,
        manifest: request.manifest === undefined ? null : manifest,
        version: request.version ?? null,
      },
      ...{ input, budget, context: undefined, metadata: undefined, deadlineMs: undefined },
    });
  }

  /** Refuses with everything that is wrong; stores nothing. */
  async validate(caller: Principal, request: ValidateManifestRequest): Promise<Result<Checked>> {
    const { manifest: given, task_context: task, context } = request;
    const read = readManifest(given);
    if (!read.ok) return read;
    const { manifest, warnings } = read.value;
    const onNodes = await nodeSkills(this.#parts, caller, manifest.skills_available);
    const asked = { manifest, task: task ?? undefined, context: context ?? {}, onNodes };
    const briefing = briefingOf(this.#parts.library, asked);
    const promptHash = this.#parts.digest(briefing.prompt.whole);
    return accept({ manifest, briefing, promptHash, warnings: [...warnings, ...briefing.warnings] });
  }
}
