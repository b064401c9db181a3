/** Agents that are declared by a manifest, and the skills that they may use. */
import type { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { SkillList, ValidManifestBody } from "../contract/manifests/bodies.ts";
import type { ValidateManifestRequest } from "../contract/manifests/requests.ts";
import type { Exchange } from "./exchange.ts";
import type { Abortable } from "./options.ts";

/** A manifest as it is sent: an object, or its text as YAML or JSON. */
export type ManifestDocument = ValidateManifestRequest["manifest"];
export type SkillRecord = z.infer<typeof SkillList>["items"][number];

interface Asked extends Abortable {
  readonly task?: string;
  readonly context?: Exclude<ValidateManifestRequest["context"], null>;
}

export class Agents {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** By name; pages are fetched as they are needed. */
  async *skills({ signal }: Abortable = {}): AsyncGenerator<SkillRecord> {
    let cursor: string | null = null;
    do {
      const query = { cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.listSkills, query, signal };
      const page: z.infer<typeof SkillList> = await this.#exchange.call(call, SkillList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Stores and runs nothing. Throws a `ProblemError` that names everything that is wrong. */
  validate(
    manifest: ManifestDocument,
    { task, context, signal }: Asked = {},
  ): Promise<z.infer<typeof ValidManifestBody>> {
    const body = { manifest, task_context: task, context };
    const call = { endpoint: ENDPOINTS.validateManifest, body, signal, repeatable: true };
    return this.#exchange.call(call, ValidManifestBody);
  }
}
