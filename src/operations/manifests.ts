/** Agents that are declared by a manifest: what they may use, and whether a manifest fits. */
import type { ValidateManifestRequest } from "../contract/manifests/requests.ts";
import type { NamesQuery } from "../contract/query-values.ts";
import type { Briefing, SkillLibrary } from "../define/manifest/briefing.ts";
import { briefingOf } from "../define/manifest/briefing.ts";
import type { Skill } from "../define/skill.ts";
import type { Manifest } from "../domain/manifest/manifest.ts";
import { readManifest } from "../domain/manifest/read-manifest.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept } from "../domain/values/fault.ts";
import { pageByName } from "./page-of.ts";

interface Parts {
  readonly library: SkillLibrary;
  readonly digest: (text: string) => string;
}

/** A manifest that fits, and what a run of it would begin with. */
interface Checked {
  readonly manifest: Manifest;
  readonly briefing: Briefing;
  readonly promptHash: string;
  readonly warnings: readonly string[];
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
