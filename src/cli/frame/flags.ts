/**
 * Flags and arguments, made of the schema of a command's input: `maxCost: z.number()` is `--max-cost <NUMBER>`. `value` in the
 * schema's meta names what stands behind a flag.
 */
import * as z from "zod";
import type { Command } from "./command.ts";
import { isChanging } from "./command.ts";

export interface Flag {
  /** The field of the input. */
  readonly field: string;
  /** As it is written: `--dry-run`, `--no-install`. */
  readonly long: string;
  /** What stands behind it; absent for a flag that is there or not. */
  readonly value?: string;
  /** May be written more than once. */
  readonly isMany: boolean;
  readonly choices?: readonly string[];
  readonly description: string;
}

export interface Argument {
  readonly field: string;
  readonly name: string;
  readonly isNeeded: boolean;
  readonly isMany: boolean;
  readonly description: string;
}

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: { readonly enum?: readonly string[] };
  readonly value?: string;
}

export interface Shape {
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
}

const CHANGE_FLAGS: readonly Flag[] = [
  { field: "dryRun", long: "--dry-run", isMany: false, description: "say what would be done, and do nothing" },
];
const YES: Flag = { field: "yes", long: "--yes", isMany: false, description: "do it without being asked to confirm" };

export function shapeOf(command: Command): Shape {
  const { properties, required } = schemaOf(command.input);
  const positionals = command.positionals ?? [];
  const added = isChanging(command) ? [...CHANGE_FLAGS, ...(command.isFinal ? [YES] : [])] : [];
  const flags = Object.entries(properties).filter(([field]) => !positionals.includes(field));
  return {
    arguments: positionals.map((field) => argumentOf(field, properties[field] ?? {}, required)),
    flags: [...flags.map(([field, property]) => flagOf(field, property)), ...added],
  };
}

function schemaOf(input: z.ZodObject) {
  const schema = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  return {
    properties: (schema.properties ?? {}) as { readonly [field: string]: Property },
    required: schema.required ?? [],
  };
}

function argumentOf(field: string, property: Property, required: readonly string[]): Argument {
  return {
    field,
    name: property.value ?? field.toUpperCase(),
    isNeeded: required.includes(field),
    isMany: property.type === "array",
    description: property.description ?? "",
  };
}

function flagOf(field: string, property: Property): Flag {
  const { type, description = "", value, items } = property;
  const name = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const choices = property.enum ?? items?.enum;
  const isSwitch = type === "boolean";
  const isOff = isSwitch && property.default === true;
  return {
    field,
    long: isOff ? `--no-${name}` : `--${name}`,
    ...(isSwitch ? {} : { value: value ?? (type === "number" || type === "integer" ? "NUMBER" : "TEXT") }),
    isMany: type === "array",
    ...(choices ? { choices } : {}),
    description,
  };
}

/** What was typed, as the schema takes it: a number is a number. */
export function typed(command: Command, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { properties } = schemaOf(command.input);
  const entries = Object.entries(properties).flatMap(([field, { type }]) => {
    const value = given[field];
    if (value === undefined) return [];
    const isNumber = (type === "number" || type === "integer") && typeof value === "string" && value.trim() !== "";
    return [[field, isNumber && !Number.isNaN(Number(value)) ? Number(value) : value] as const];
  });
  return Object.fromEntries(entries);
}
