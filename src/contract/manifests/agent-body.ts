/** Agents with a manifest, and their versions, as they are answered. */
import * as z from "zod";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { ManifestHead, ManifestVersion } from "../../domain/manifest/stored-manifest.ts";
import { iso } from "../wire.ts";

const Status = z.enum(["draft", "active", "deprecated", "archived"]);
const ReasoningMode = z.enum(["iterative", "oneshot"]);

/** What an agent with a manifest has beside what every agent has. */
export const manifestFields = {
  status: Status.optional().describe("Of an agent with a manifest, as all that follow: of this version."),
  reasoning_mode: ReasoningMode.optional(),
  owner: z.string().nullable().optional().describe("Who stored it first; null: it is part of the code."),
  bundled: z.boolean().optional().describe("true: part of the code, and every caller's."),
  current_version: z.string().optional().describe("The version that runs when none is named."),
  manifest: z.record(z.string(), z.unknown()).optional().describe("The manifest itself; absent in lists."),
} as const;

interface Answered {
  readonly id: string;
  readonly head: ManifestHead | undefined;
  readonly current: string;
  readonly version: Pick<ManifestVersion, "version" | "status" | "description" | "reasoningMode" | "tags">;
}

export function manifestAgentBody({ id, head, current, version: told }: Answered, manifest?: Manifest) {
  const { version, status, description, reasoningMode, tags } = told;
  return {
    agent_id: id,
    kind: "manifest" as const,
    ...{ description, version, tags: [...tags] },
    ...(head && { registered_at: iso(head.createdAtMs), updated_at: iso(head.updatedAtMs) }),
    functions: [],
    status,
    ...(reasoningMode === undefined ? {} : { reasoning_mode: reasoningMode }),
    owner: head?.owner ?? null,
    bundled: head === undefined,
    current_version: current,
    ...(manifest === undefined ? {} : { manifest }),
  };
}

export const ManifestVersionList = z.object({
  items: z.array(
    z.object({
      version: z.string(),
      status: Status,
      description: z.string(),
      reasoning_mode: ReasoningMode.optional().describe("Absent where the key to it is not configured."),
      current: z.boolean().describe("It runs when no version is named."),
      created_at: z.iso.datetime().optional().describe("Absent, as the next two, of an agent of the code."),
      updated_at: z.iso.datetime().optional().describe("When its status changed last."),
      updated_by: z.string().optional(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

type Version = Omit<ManifestVersion, "id" | "createdAtMs" | "updatedAtMs" | "updatedBy"> &
  Partial<ManifestVersion> & { readonly isCurrent: boolean };

export function manifestVersionBody(told: Version): z.infer<typeof ManifestVersionList>["items"][number] {
  const { version, status, description, reasoningMode, isCurrent, createdAtMs, updatedAtMs, updatedBy } = told;
  return {
    ...{ version, status, description },
    ...(reasoningMode === undefined ? {} : { reasoning_mode: reasoningMode }),
    current: isCurrent,
    ...(createdAtMs === undefined ? {} : { created_at: iso(createdAtMs) }),
    ...(updatedAtMs === undefined ? {} : { updated_at: iso(updatedAtMs) }),
    ...(updatedBy === undefined ? {} : { updated_by: updatedBy }),
  };
}
