/**
 * How a user declares a skill: one thing that agents with a manifest may do. A skill is a leaf (E4), as a tool is. Each run is
 * an effect with a key: its intent is in the journal before it starts, its result before anything follows from it.
 */
import * as z from "zod";
import type { Json } from "../domain/values/json.ts";
import { faultOfWebUrl } from "../domain/values/web-url.ts";
import { checked, Name } from "./checked.ts";
import type { EffectOptions } from "./context.ts";
import { declared } from "./declared.ts";
import type { Services } from "./handed-in.ts";
import type { HttpSkill } from "./http-skill.ts";
import { OUTBOUND, sent } from "./http-skill.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import type { InferOutput, StandardSchema } from "./schema.ts";
import type { Tool, ToolRun } from "./tool.ts";
import { defineTool } from "./tool.ts";

/** `draft`: counts as not registered. `deprecated`: runs, with a warning. */
export type SkillStatus = "draft" | "active" | "deprecated";

interface Declared<In extends z.ZodObject, Out extends StandardSchema> {
  /** Small letters, digits, dots, `_` and `-`, at most 64: `api.define`. */
  readonly name: string;
  /** For the model: what it does, and when to use it. */
  readonly description: string;
  readonly version: string;
  /** What the model must send; keys that it does not name are refused. */
  readonly input: In;
  /** What the run gives. Default: any JSON. */
  readonly output?: Out;
  /** Doing it twice is the same as doing it once: a run that a crash interrupted is simply repeated. */
  readonly idempotent?: boolean;
  /** What to do with an interrupted run. Default `retry` when idempotent, else `ask` a person. */
  readonly onInterrupt?: EffectOptions["onInterrupt"];
  /** Default `active`. */
  readonly status?: SkillStatus;
}

export type SkillOptions<In extends z.ZodObject, Out extends StandardSchema, S extends Services> = Declared<In, Out> &
  (
    | {
        /** What it needs from outside, by name. A missing one is an error at start-up. */
        readonly services?: S;
        /** Does it. A `ToolError` with `fatal` is not tried again. */
        readonly run: (input: z.output<In>, given: ToolRun<S>) => InferOutput<Out> | Promise<InferOutput<Out>>;
      }
    | {
        /** Without code: the inputs are sent as JSON, and the JSON that is answered is the output. */
        readonly http: HttpSkill;
      }
  );

/** A skill as the house uses it. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: SkillStatus;
  readonly input: StandardSchema;
  readonly inputSchema: Json | undefined;
  readonly outputSchema: Json | undefined;
  readonly options: Tool["options"];
  /** Names of the services it needs. */
  readonly services: readonly string[];
  readonly run: Tool["run"];
}

const Stated = z.object({
  name: z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/, "must match ^[a-z][a-z0-9._-]{0,63}$"),
  description: Name,
  version: Name,
  status: z.enum(["draft", "active", "deprecated"]).optional(),
  http: z.looseObject({ url: z.string().superRefine((url, ctx) => addFault(faultOfWebUrl(url), ctx)) }).optional(),
});

function addFault(fault: string | undefined, ctx: z.RefinementCtx): void {
  if (fault !== undefined) ctx.addIssue({ code: "custom", message: fault });
}

/** Declares a skill; `createErrand` takes it in its list of skills. Throws an error that names it when something is wrong. */
export function defineSkill<
  In extends z.ZodObject,
  Out extends StandardSchema = StandardSchema<Json>,
  S extends Services = Record<never, never>,
>(options: SkillOptions<In, Out, S>): Skill {
  return declared(
    () => skillOf(options),
    () => standIn(options),
  );
}

/** In the place of a skill that cannot be declared. */
function standIn({ name, description, version }: Declared<z.ZodObject, StandardSchema>): Skill {
  const schemas = { input: z.unknown(), inputSchema: undefined, outputSchema: undefined };
  return { name, description, version, status: "draft", ...schemas, options: {}, services: [], run: async () => null };
}

function skillOf<In extends z.ZodObject, Out extends StandardSchema, S extends Services>(
  options: SkillOptions<In, Out, S>,
): Skill {
  const { name, description, version, status = "active", input, output, idempotent, onInterrupt } = options;
  checked(Stated, options, `skill "${name}"`);
  const tool = defineTool<In, Out, S>({
    name: name.replaceAll(".", "_"),
    ...{ description, input },
    ...(output === undefined ? {} : { output }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(onInterrupt === undefined ? {} : { onInterrupt }),
    ...("http" in options
      ? {
          services: { [OUTBOUND]: {} } as unknown as S,
          run: (inputs: unknown, given: ToolRun) => sent(options.http, inputs, given) as Promise<InferOutput<Out>>,
        }
      : { run: options.run, ...(options.services === undefined ? {} : { services: options.services }) }),
  });
  return Object.freeze({
    ...{ name, description, version, status },
    input: tool.input,
    inputSchema: tool.declaration.inputSchema as Json,
    outputSchema: output === undefined ? undefined : (jsonSchemaOf(output, "output") as Json | undefined),
    options: tool.options,
    services: tool.services,
    run: tool.run,
  });
}
