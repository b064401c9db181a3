/** What became of one skill that was planned, and how outputs of earlier skills get into the inputs of later ones. */
import type { Json } from "../values/json.ts";
import { nearest } from "../values/nearest.ts";

/** `simulated`: a dry run, in which no skill runs. */
type SkillStatus = "success" | "failed" | "skipped" | "simulated";

export interface SkillResult {
  readonly skill: string;
  readonly purpose: string;
  readonly status: SkillStatus;
  readonly order: number;
  readonly timestamp: string;
  /** The skill's own. */
  readonly output?: Json;
  /** Why it failed or was skipped. */
  readonly error?: string;
}

type Fields = { readonly [key: string]: Json };
type Resolved = { readonly ok: true; readonly value: Fields } | { readonly ok: false; readonly message: string };

/** What inputs may refer to. */
export interface Given {
  readonly results: readonly SkillResult[];
  /** By name. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The inputs with each `{"$from": SKILL, "path": FIELD}` replaced by what the newest success of that skill gave, and each
 * `{"$file": NAME}` by the text of that file.
 */
export function resolveInputs(inputs: Fields, { results, files }: Given): Resolved {
  const faults: string[] = [];
  const replaced = (value: Json): Json => {
    const reference = referenceIn(value);
    if (reference) {
      const found = outputOf(reference, results);
      if (found.ok) return found.value;
      faults.push(found.message);
      return null;
    }
    const name = fileIn(value);
    if (name !== undefined) {
      const text = files.get(name);
      if (text === undefined) faults.push(unknownFile(name, files));
      return text ?? null;
    }
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner)]));
  };
  const value = replaced(inputs) as Fields;
  const [message] = faults;
  return message === undefined ? { ok: true, value } : { ok: false, message };
}

/** The skills whose outputs the inputs name. */
export function referredSkills(value: Json): string[] {
  const reference = referenceIn(value);
  if (reference) return [reference.skill];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(referredSkills);
}

/** The files that the inputs name. */
export function referredFiles(value: Json): string[] {
  const name = fileIn(value);
  if (name !== undefined) return [name];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(referredFiles);
}

export function unknownFile(name: string, files: ReadonlyMap<string, string>): string {
  const meant = nearest(name, files.keys());
  return `there is no file "${name.slice(0, 100)}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
}

function fileIn(value: Json): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, "$file") && typeof value.$file === "string" ? value.$file : undefined;
}

interface Reference {
  readonly skill: string;
  readonly path: readonly string[];
}

function referenceIn(value: Json): Reference | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, "$from"))
    return undefined;
  const { $from: skill, path = "" } = value;
  if (typeof skill !== "string" || typeof path !== "string") return undefined;
  return { skill, path: path === "" ? [] : path.split(".") };
}

function outputOf({ skill, path }: Reference, results: readonly SkillResult[]) {
  const result = results.filter((one) => one.skill === skill && one.status === "success").at(-1);
  if (!result) return { ok: false as const, message: `"${skill}" has given no output yet` };
  let at: Json = result.output ?? null;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part))
      return { ok: false as const, message: `the output of "${skill}" has no field "${path.join(".")}"` };
    at = (at as Fields)[part] ?? null;
  }
  return { ok: true as const, value: at };
}
