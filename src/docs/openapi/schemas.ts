/**
 * JSON Schemas of an OpenAPI document. What has a name here is described once and referred to; what a schema refers to
 * inside itself (JSON in JSON) is moved to the components, because `#/$defs` would mean the document's root.
 */
import * as z from "zod";
import { ExecutionBody } from "../../contract/executions/body.ts";
import { ExecuteRequest, ReasonRequest } from "../../contract/executions/requests.ts";
import { ManifestProblem } from "../../contract/manifests/bodies.ts";
import { MemoryProblem } from "../../contract/memory/bodies.ts";
import { ExecuteProblem, Problem } from "../../contract/problem.ts";
import { AcceptedBody, DecisionBody, HealthBody, MovedBody, NoteList } from "../../contract/replies.ts";
import { DagBody } from "../../contract/runs/dag.ts";
import { CancelTreeBody, RunBody } from "../../contract/runs/runs.ts";
import { ref } from "./parts.ts";

type Schema = Record<string, unknown>;
type Io = "input" | "output";

const NAMED: readonly (readonly [string, z.ZodType, Io])[] = [
  ["Problem", Problem, "output"],
  ["ExecuteProblem", ExecuteProblem, "output"],
  ["MemoryProblem", MemoryProblem, "output"],
  ["ManifestProblem", ManifestProblem, "output"],
  ["ExecuteRequest", ExecuteRequest, "input"],
  ["ReasonRequest", ReasonRequest, "input"],
  ["Execution", ExecutionBody, "output"],
  ["Accepted", AcceptedBody, "output"],
  ["Moved", MovedBody, "output"],
  ["Decided", DecisionBody, "output"],
  ["Notes", NoteList, "output"],
  ["Run", RunBody, "output"],
  ["Dag", DagBody, "output"],
  ["CancelledTree", CancelTreeBody, "output"],
  ["Health", HealthBody, "output"],
];

export class Schemas {
  readonly #components = new Map<string, Schema>();
  /** Definitions from inside schemas by their text: most are the same recursive JSON. */
  readonly #shared = new Map<string, string>();

  constructor() {
    for (const [name, schema, io] of NAMED) this.#components.set(name, this.#write(schema, io));
  }

  of(schema: z.ZodType, io: Io): Schema {
    const named = NAMED.find(([, known, way]) => known === schema && way === io);
    return named ? ref("schemas", named[0]) : this.#write(schema, io);
  }

  all(): Record<string, Schema> {
    return Object.fromEntries(this.#components);
  }

  #write(schema: z.ZodType, io: Io): Schema {
    const written = z.toJSONSchema(schema, { io, unrepresentable: "any", override: shorten }) as Schema & {
      $defs?: Record<string, Schema>;
    };
    const { $schema: _draft, "~standard": _standard, $defs = {}, ...rest } = written;
    const names = new Map(Object.entries($defs).map(([name, definition]) => [name, this.#share(name, definition)]));
    return renamed(rest, names) as Schema;
  }

  #share(name: string, definition: Schema): string {
    const text = JSON.stringify(definition).replaceAll(`#/$defs/${name}"`, '#self"');
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    const shared = this.#shared.size === 0 ? "Json" : `Json${this.#shared.size + 1}`;
    this.#shared.set(text, shared);
    this.#components.set(shared, renamed(definition, new Map([[name, shared]])) as Schema);
    return shared;
  }
}

/** A format says it shorter than the pattern that checks it, and every integer is a safe one. */
function shorten({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      const name = key === "$ref" && typeof field === "string" ? names.get(field.replace("#/$defs/", "")) : undefined;
      return [key, name === undefined ? renamed(field, names) : `#/components/schemas/${name}`];
    }),
  );
}
