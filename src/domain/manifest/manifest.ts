/**
 * The manifest of an agent: a document that says what it is, which skills it may use, and how it reasons. Its fields keep the
 * names under which people write them, so that what is stored, shown and run is the document itself.
 */
import * as z from "zod";
import { Json } from "../values/json.ts";
import { numberOf } from "../values/numbers.ts";

/** Most of each list, and longest of each text, in a manifest. */
export const MANIFEST_LIMITS = {
  items: 200,
  line: 1_000,
  text: 20_000,
  /** Characters of a whole document as it is sent. */
  document: 262_144,
} as const;

const NAME = /^[a-z][a-z0-9._-]*$/;
/** https://semver.org, version 2.0.0. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;
/** A registered skill, or `call:agent.function`. */
const SKILL = /^(?:call:)?[a-z][a-z0-9._-]*$/;

const Line = z
  .string()
  .max(MANIFEST_LIMITS.line)
  .refine((text) => text.trim() !== "", "must be a text that is not empty");
const Long = z.string().max(MANIFEST_LIMITS.text);

const ManifestName = z
  .string()
  .max(128)
  .regex(NAME, "must match ^[a-z][a-z0-9._-]*$: small letters, digits, dots, _ and -, a letter first");

const ManifestVersion = z
  .string({
    error: ({ input }) => (input === undefined ? undefined : "must be a text such as 0.1.0: put it into quotes"),
  })
  .max(128)
  .regex(SEMVER, "must be a semantic version such as 0.1.0");

const ReasoningMode = z.enum(["iterative", "oneshot"]);
export type ReasoningMode = z.infer<typeof ReasoningMode>;

/** Only an `active` one runs; of a `deprecated` one each run warns. */
const ManifestStatus = z.enum(["draft", "active", "deprecated", "archived"]);

const ErrorHandling = z
  .object({
    /** Tries of one skill after its first. */
    max_retries: numberOf({ min: 0, max: 20, whole: true }).default(3),
    /** Active time of the whole run: time in which it waits for a person does not count. */
    timeout_seconds: numberOf({ min: 0, above: true, max: 604_800 }).default(300),
    /** Whether later skills run when one has failed. */
    on_failure: z.enum(["stop", "continue"]).default("stop"),
  })
  .prefault({});

export const Manifest = z.object({
  name: ManifestName,
  version: ManifestVersion,
  description: Line,
  capabilities: z.array(Line).min(1).max(MANIFEST_LIMITS.items),
  skills_available: z
    .array(z.string().max(256).regex(SKILL, "must be the name of a skill, or call:agent.function"))
    .min(1)
    .max(MANIFEST_LIMITS.items),
  reasoning_mode: ReasoningMode,
  workflow_pattern: Long.optional(),
  /** By name: what is wanted, in words or as the name of a type. A run gives it in `context`. */
  context_requirements: z.record(Line, Json).optional(),
  error_handling: ErrorHandling,
  status: ManifestStatus.default("active"),
  tags: z.array(Line).max(MANIFEST_LIMITS.items).default([]),
  /** Default: the deployment's. */
  model: Line.optional(),
  /** Most turns of an iterative run, corrections not counted. */
  max_turns: numberOf({ min: 1, max: 100, whole: true }).default(20),
});
export type Manifest = z.infer<typeof Manifest>;

export const REQUIRED_FIELDS = [
  "name",
  "version",
  "description",
  "capabilities",
  "skills_available",
  "reasoning_mode",
] as const satisfies readonly (keyof Manifest)[];
