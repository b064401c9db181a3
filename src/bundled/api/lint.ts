/**
 * Lints an OpenAPI document with the rules of Redocly, in Node.js. No document outside is loaded: a `$ref` to a file or an
 * address is a problem of the document. Rules that compile schemas into code are off.
 */
import { BaseResolver, createConfig, getLineColLocation, lintFromString } from "@redocly/openapi-core";

export interface LintProblem {
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Where it is, as a JSON Pointer. */
  readonly pointer: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** On beside those that the linter recommends; zalando.github.io/restful-api-guidelines asks for most of them. */
const MORE = {
  "info-contact": "warn",
  "operation-description": "warn",
  "operation-tag-defined": "warn",
  "parameter-description": "warn",
  "path-segment-plural": "warn",
  "paths-kebab-case": "warn",
  "no-server-example.com": "off",
} as const;

const COMPILING = {
  "no-invalid-media-type-examples": "off",
  "no-invalid-parameter-examples": "off",
  "no-invalid-schema-examples": "off",
} as const;

class NoOtherDocument extends BaseResolver {
  override loadExternalRef(absoluteRef: string): never {
    throw new Error(`another document is not loaded: ${absoluteRef}`);
  }
}

let made: ReturnType<typeof createConfig> | undefined;

/** `document`: YAML or JSON. Throws when it is neither. */
export async function lint(document: string): Promise<LintProblem[]> {
  made ??= createConfig({ extends: ["recommended"], rules: { ...MORE, ...COMPILING } });
  const config = await made;
  const externalRefResolver = new NoOtherDocument(config.resolve);
  const found = await lintFromString({ source: document, absoluteRef: "document.yaml", config, externalRefResolver });
  return found.flatMap(({ ruleId, severity, message, location: [first] }) => {
    const at = first && getLineColLocation(first);
    return [
      {
        rule: ruleId,
        severity: severity === "error" ? ("error" as const) : ("warning" as const),
        message,
        pointer: first?.pointer ?? "#/",
        line: at?.start.line ?? 1,
        column: at?.start.col ?? 1,
      },
    ];
  });
}
