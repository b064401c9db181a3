/** What callers send about agents with a manifest. */
import * as z from "zod";
import { MANIFEST_LIMITS, Manifest } from "../../domain/manifest/manifest.ts";
import { Json } from "../../domain/values/json.ts";
import { Budget } from "../executions/requests.ts";

const ManifestDocument = z
  .union([z.string(), z.record(z.string(), Json)], "must be the manifest: an object, or its text as YAML or JSON")
  .describe("The manifest: an object, or its text as YAML or JSON.");

const task = {
  task_context: z.string().max(MANIFEST_LIMITS.document).nullish().describe("What the agent is to do."),
  context: z.record(z.string(), Json).nullish().describe("By name: what `context_requirements` asks for, and more."),
};

export const ValidateManifestRequest = z.object({ manifest: ManifestDocument, ...task });
export type ValidateManifestRequest = z.infer<typeof ValidateManifestRequest>;

/** What is stored: the manifest itself. Its fields are looked at together, where all faults of them are said. */
export const PutManifestRequest = z
  .looseObject(Object.fromEntries(Object.keys(Manifest.shape).map((field) => [field, z.unknown().optional()])))
  .describe("The manifest itself, as JSON; or its text as application/yaml.");

/** A name of a version, as a manifest writes it. */
const Version = z.string().max(128);

export const AgentQuery = z.object({
  version: Version.optional().describe("Of an agent with a manifest; default: the current one."),
});

const MOST_FILES = 10;

export const RunManifestRequest = z.object({
  manifest: ManifestDocument.optional().describe("Runs this manifest and stores nothing; default: the stored one."),
  version: Version.nullish().describe("A stored version; default: the current one."),
  ...task,
  files: z
    .record(z.string().min(1).max(200), z.string())
    .refine((files) => Object.keys(files).length <= MOST_FILES, `must hold ${MOST_FILES} files at most`)
    .nullish()
    .describe('Texts by name, for skills: {"$file": NAME} in their inputs stands for one of them.'),
  remember: z
    .boolean()
    .default(true)
    .describe("Of a run with a session: whether it knows the runs before it, and those after it know it."),
  dry_run: z.boolean().default(false).describe("true: no skill runs; each is `simulated`."),
  save_log: z.boolean().default(true).describe("false: the answer names no log; the execution is kept all the same."),
  budget: Budget.optional(),
});
export type RunManifestRequest = z.output<typeof RunManifestRequest>;

/** The same as a form: each field as JSON, and the texts as files. */
export const RunManifestForm = RunManifestRequest.omit({ files: true }).extend({
  files: z.array(z.file().describe("A text in UTF-8.")).max(MOST_FILES).optional(),
});
