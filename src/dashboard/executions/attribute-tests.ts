/** Search attributes as filters of the list, in words that stand in an address: `customer=acme`, `amount>=100`. Pure. */
import type { ExecutionSummary, ListFilter } from "../../client/transport/options.ts";
import { AttributeName, AttributeValue, MOST_ATTRIBUTES } from "../../domain/execution/search-attributes.ts";

/** Word → how the server names it; the longer ones first. */
export const COMPARISONS = [
  [">=", "gte"],
  ["<=", "lte"],
  ["=", "equals"],
  [">", "gt"],
  ["<", "lt"],
] as const;
/** As people read them. */
export const SIGNS: Readonly<{ [C in Comparison]: string }> = { "=": "=", ">=": "≥", "<=": "≤", ">": ">", "<": "<" };
export type Comparison = (typeof COMPARISONS)[number][0];

export interface AttributeTest {
  readonly name: string;
  readonly comparison: Comparison;
  readonly value: AttributeValue;
}

const WORD = /^([A-Za-z][A-Za-z0-9_.-]*)(>=|<=|=|>|<)(.*)$/su;

/** A number, `true` and `false` are what they are; everything else is a text, and quotes make a text of these too. */
function valueIn(text: string): AttributeValue | undefined {
  const read = AttributeValue.safeParse(parsed(text));
  const value = read.success ? read : AttributeValue.safeParse(text);
  return value.success ? value.data : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** As it was typed, where that is read as the same value. */
export function valueText(value: AttributeValue): string {
  return typeof value === "string" && valueIn(value) === value ? value : JSON.stringify(value);
}

/** Undefined: it names no attribute, or bounds a truth. */
export function attributeTestIn(word: string): AttributeTest | undefined {
  const [, name = "", sign, text = ""] = WORD.exec(word.trim()) ?? [];
  const comparison = COMPARISONS.find(([known]) => known === sign)?.[0];
  const value = valueIn(text.trim());
  if (comparison === undefined || value === undefined || !AttributeName.safeParse(name).success) return undefined;
  if (comparison !== "=" && typeof value === "boolean") return undefined;
  return { name, comparison, value };
}

export function attributeWord({ name, comparison, value }: AttributeTest): string {
  return `${name}${comparison}${valueText(value)}`;
}

/** The tests with this one. What has a value has no bounds; of two bounds in one direction the newer stays. */
export function withTest(tests: readonly AttributeTest[], test: AttributeTest): readonly AttributeTest[] {
  const direction = (comparison: Comparison) => comparison[0];
  const replaced = ({ name, comparison }: AttributeTest) =>
    name === test.name &&
    (comparison === "=" || test.comparison === "=" || direction(comparison) === direction(test.comparison));
  const kept = [...tests.filter((one) => !replaced(one)), test];
  const names = [...new Set(kept.map(({ name }) => name))].slice(-MOST_ATTRIBUTES);
  return kept.filter(({ name }) => names.includes(name));
}

/** As the server takes them; undefined where there are none. */
export function attributesFor(tests: readonly AttributeTest[]): ListFilter["attributes"] {
  if (tests.length === 0) return undefined;
  const asked = new Map<string, AttributeValue | Readonly<Record<string, string | number>>>();
  for (const { name, comparison, value } of tests) {
    const op = COMPARISONS.find(([word]) => word === comparison)?.[1] ?? "equals";
    const before = asked.get(name);
    if (op === "equals" || typeof value === "boolean") asked.set(name, value);
    else asked.set(name, { ...(typeof before === "object" ? before : {}), [op]: value });
  }
  return Object.fromEntries(asked);
}

/** As the server judges a row: a bound of a text is for texts, one of a number for numbers. */
export function passes(tests: readonly AttributeTest[], { attributes }: ExecutionSummary): boolean {
  return tests.every(({ name, comparison, value }) => {
    const has = attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (comparison === "=") return has === value;
    if (has === undefined || typeof has !== typeof value) return false;
    if (comparison === ">") return has > value;
    if (comparison === ">=") return has >= value;
    return comparison === "<" ? has < value : has <= value;
  });
}
