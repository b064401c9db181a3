/** From a document, as YAML, as JSON or as an object, to a manifest, or to everything that is wrong with it. */
import type { YAMLError } from "yaml";
import { parseDocument } from "yaml";
import type { FieldError, Result } from "../values/fault.ts";
import { accept } from "../values/fault.ts";
import { issueWords } from "../values/field-errors.ts";
import { jsonText } from "../values/json-text.ts";
import { nearest } from "../values/nearest.ts";
import { parseStrictJson } from "../values/strict-json.ts";
import { MANIFEST_LIMITS, Manifest } from "./manifest.ts";
import { refusedManifest } from "./manifest-faults.ts";

export interface ReadManifest {
  readonly manifest: Manifest;
  /** What is ignored, and what could be meant instead. */
  readonly warnings: readonly string[];
}

/** `given` is the document's text, or the object that it says. */
export function readManifest(given: unknown): Result<ReadManifest> {
  const document = typeof given === "string" ? documentIn(given) : accept(given);
  if (!document.ok) return document;
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refusedManifest([{ path: "", message: "must be an object with the fields of a manifest" }]);
  const plain = jsonText(value, "the manifest");
  if (!plain.ok) return refusedManifest([{ path: plain.path, message: plain.detail }]);
  // YAML can say what no JSON of a request may hold, such as half of a character.
  const strict = parseStrictJson(plain.text);
  if (!strict.ok) return refusedManifest(strict.errors ?? [{ path: "", message: strict.detail }]);
  const parsed = Manifest.safeParse(strict.value, { error: issueWords });
  if (!parsed.success)
    return refusedManifest(parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message })));
  const { data: manifest } = parsed;
  const twin = manifest.skills_available.find((skill, at) => manifest.skills_available.indexOf(skill) !== at);
  if (twin !== undefined) return refusedManifest([{ path: "skills_available", message: `names "${twin}" twice` }]);
  return accept({ manifest, warnings: unknownFields(value) });
}

/** JSON is YAML: one reader reads both, and says in which line a fault is. */
function documentIn(text: string): Result<unknown> {
  if (text.length > MANIFEST_LIMITS.document) {
    const message = `has ${text.length} characters, and a manifest has at most ${MANIFEST_LIMITS.document}`;
    return refusedManifest([{ path: "", message }]);
  }
  try {
    const document = parseDocument(text, { version: "1.2", schema: "core", strict: true, uniqueKeys: true });
    if (document.errors.length > 0) return refusedManifest(document.errors.slice(0, MOST_FAULTS).map(faultOfText));
    return accept(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    return refusedManifest([{ path: "", message: `cannot be read: ${wordsOf(String(error))}` }]);
  }
}

const MOST_FAULTS = 20;

function faultOfText({ message, linePos }: YAMLError): FieldError {
  const [first = ""] = message.split("\n");
  const [start] = linePos ?? [];
  return {
    path: start ? `line ${start.line}` : "",
    message: wordsOf(first.replace(/ at line \d+, column \d+:?$/, "")),
  };
}

/** What the reader of YAML says to programs, by a part of it. */
const WORDS: readonly (readonly [said: string, words: string])[] = [
  ["call stack", "is nested too deeply"],
  ["multiple documents", "is several documents (---), and a manifest is one"],
  ["alias count", "its aliases stand for too much: write it out"],
];

function wordsOf(said: string): string {
  const known = WORDS.find(([part]) => said.includes(part));
  return known ? known[1] : said.replace(/^\w*Error: /, "");
}

function unknownFields(value: object): string[] {
  const known = Object.keys(Manifest.shape);
  return Object.keys(value)
    .filter((field) => !known.includes(field))
    .map((field) => {
      const meant = nearest(field, known);
      const shown = `the field "${field.slice(0, 100)}" is ignored`;
      return meant === undefined ? shown : `${shown}: did you mean "${meant}"?`;
    });
}
