/** What is wrong with a manifest, in sentences. */
import type { FieldError, Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import { REQUIRED_FIELDS } from "./manifest.ts";

/** Every fault at once; the fields that are not there are named first, in one sentence. */
export function refusedManifest(errors: readonly FieldError[]): Refusal {
  return refuse("invalid_manifest", manifestSentences(errors).join("; "), errors);
}

/** Required fields that are not there. */
export function missingFields(errors: readonly FieldError[] = []): string[] {
  const missing = errors.filter(({ message }) => message.startsWith("is missing")).map(({ path }) => path);
  return REQUIRED_FIELDS.filter((field) => missing.includes(field));
}

/** What is wrong, a sentence each. */
export function manifestSentences(errors: readonly FieldError[]): string[] {
  const missing = missingFields(errors);
  const others = errors.filter(({ path }) => !missing.includes(path));
  return [
    ...(missing.length > 0 ? [`Agent manifest missing required fields: ${missing.join(", ")}`] : []),
    ...others.map(({ path, message }) => `Agent manifest: ${path === "" ? "" : `${path} `}${message}`),
  ];
}
