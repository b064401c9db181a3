/**
 * What a planner may write and an executor carries out: a list of actions, each of a kind that the plan names here. An agent
 * that names a plan brings it into its runtime.
 */

import { createHash } from "node:crypto";
import * as z from "zod";
import { isRecord } from "../../domain/values/is-record.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson, toJson } from "../../domain/values/json.ts";
import { messageOf } from "../../domain/values/thrown.ts";
import { declared } from "../declared.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import type { StandardSchema } from "../schema.ts";
import { strict } from "../strict.ts";
import { FaultList, inWords } from "./definition-error.ts";
import { standIn } from "./stand-ins.ts";
import { refuseUnknown } from "./unknown-parameters.ts";

interface PlanAction {
  /** For the planner's model: what it does, and when to use it. */
  readonly description: string;
  /** What an action of this kind holds; keys that it does not name are refused. */
  readonly input: z.ZodObject;
}

export interface PlanOptions {
  /** Small letters, digits, `_` and `-`, a letter first, at most 64. Unique in a runtime. */
  readonly name: string;
  readonly version: string;
  /** By name: small letters, digits, `_` and `-`, a letter first, at most 64. One at least. */
  readonly actions: Readonly<Record<string, PlanAction>>;
  /**
   * What a failed action means for those after it. `stop` (default): they are skipped, and what succeeded is taken back where its
   * dispatcher says how. `continue`: they are carried out.
   */
  readonly onFailure?: OnFailure;
}

type OnFailure = "stop" | "continue";

/** Returned by `definePlan`. */
export interface PlanDefinition {
  readonly name: string;
  readonly version: string;
  readonly actions: Readonly<Record<string, DefinedAction>>;
  readonly onFailure: OnFailure;
  /** SHA-256 of the name, the version and the actions with their schemas, in hex: equal for equal plans. */
  readonly digest: string;
}

interface DefinedAction {
  readonly description: string;
  readonly input: StandardSchema;
  readonly inputSchema: Json;
}

const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const NAMED = "must be a text of small letters, digits, _ and -, a letter first, at most 64";

const PLANS = new WeakSet<object>();

/** Defines a plan. Throws a `DefinitionError` with everything that is wrong. */
export function definePlan(options: PlanOptions): PlanDefinition {
  const make = () => {
    const faults = new FaultList(whoIs(options));
    const plan = readPlan(options, faults);
    faults.throwAny();
    return plan;
  };
  return declared(make, () => standIn(planOf(nameIn(options), "", { actions: new Map(), onFailure: "stop" })));
}

/** A plan of `definePlan`, or a plain object that is one; faults of its fields are added with the path `plan`. */
export function readPlan(given: unknown, faults: FaultList, at = ""): PlanDefinition {
  if (isRecord(given) && PLANS.has(given)) return given as unknown as PlanDefinition;
  const path = (field: string) => (at === "" ? field : `${at}.${field}`);
  if (!isRecord(given)) {
    faults.add("invalid_plan", at || "plan", `the plan is ${inWords(given)}: give { name, version, actions }`);
    return planOf("", "", { actions: new Map(), onFailure: "stop" });
  }
  refuseUnknown(given, ["name", "version", "actions", "onFailure"], { faults, at });
  const { name, version, actions, onFailure = "stop" } = given;
  if (typeof name !== "string" || !NAME.test(name))
    faults.add("invalid_name", path("name"), `the plan's name ${NAMED}, and is ${inWords(name)}`);
  if (typeof version !== "string" || version.trim() === "") {
    const sentence = `the plan's version is ${inWords(version)}: give a text, as "1"`;
    faults.add("invalid_version", path("version"), sentence);
  }
  if (onFailure !== "stop" && onFailure !== "continue")
    faults.add("invalid_plan", path("onFailure"), `onFailure is ${inWords(onFailure)}: give "stop" or "continue"`);
  return planOf(String(name), String(version), {
    actions: readActions(actions, faults, path("actions")),
    onFailure: onFailure === "continue" ? onFailure : "stop",
  });
}

function readActions(given: unknown, faults: FaultList, at: string): ReadonlyMap<string, DefinedAction> {
  const actions = new Map<string, DefinedAction>();
  if (!isRecord(given) || Object.keys(given).length === 0) {
    const what = isRecord(given) ? "empty" : inWords(given);
    faults.add("invalid_actions", at, `actions is ${what}: give at least one, as { NAME: { description, input } }`);
    return actions;
  }
  for (const [name, action] of Object.entries(given)) {
    const field = `${at}.${name}`;
    if (!NAME.test(name)) faults.add("invalid_actions", field, `the name of the action ${inWords(name)} ${NAMED}`);
    const read = readAction(action, name, { faults, at: field });
    if (read) actions.set(name, read);
  }
  return actions;
}

interface Place {
  readonly faults: FaultList;
  readonly at: string;
}

function readAction(given: unknown, name: string, { faults, at }: Place): DefinedAction | undefined {
  if (!isRecord(given)) {
    faults.add("invalid_actions", at, `the action "${name}" is ${inWords(given)}: give { description, input }`);
    return undefined;
  }
  refuseUnknown(given, ["description", "input"], { faults, at });
  const { description, input } = given;
  if (typeof description !== "string" || description.trim() === "") {
    const sentence = `the action "${name}" has no description: give a text for the planner's model`;
    faults.add("invalid_actions", `${at}.description`, sentence);
    return undefined;
  }
  if (!(input instanceof z.ZodObject)) {
    const sentence = `the input of the action "${name}" is ${inWords(input)}: give a z.object({ … })`;
    faults.add("invalid_actions", `${at}.input`, sentence);
    return undefined;
  }
  try {
    const made = strict(input as z.ZodType, `the input of the action "${name}"`);
    const inputSchema = toJson(jsonSchemaOf(made, "input", { strict: true }));
    return Object.freeze({ description, input: made, inputSchema });
  } catch (error) {
    const sentence = `the input of the action "${name}" cannot be described to a model: ${messageOf(error)}`;
    faults.add("invalid_actions", `${at}.input`, sentence);
    return undefined;
  }
}

interface Rest {
  readonly actions: ReadonlyMap<string, DefinedAction>;
  readonly onFailure: OnFailure;
}

function planOf(name: string, version: string, { actions, onFailure }: Rest): PlanDefinition {
  const said = [...actions].map(([action, { description, inputSchema }]) => [action, { description, inputSchema }]);
  const text = canonicalJson({ name, version, onFailure, actions: Object.fromEntries(said) });
  const digest = createHash("sha256").update(text).digest("hex");
  const plan = Object.freeze({ name, version, actions: Object.freeze(Object.fromEntries(actions)), onFailure, digest });
  PLANS.add(plan);
  return plan;
}

const nameIn = (options: unknown) => (isRecord(options) && typeof options.name === "string" ? options.name : "");
const whoIs = (options: unknown) => `plan "${nameIn(options)}"`;
