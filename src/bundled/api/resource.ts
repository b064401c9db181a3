/** What an API is about, as `api.define` is told: resources with their fields. */
import * as z from "zod";

const TYPES = ["string", "integer", "number", "boolean", "date", "date-time", "email", "uri", "uuid"] as const;
export type FieldType = (typeof TYPES)[number];

const Field = z.union([
  z.enum(TYPES),
  z.object({
    type: z.enum(TYPES),
    required: z.boolean().default(true),
    description: z.string().max(500).optional(),
    /** The only values, of a string. */
    enum: z.array(z.string().max(100)).min(1).max(50).optional(),
  }),
]);

const OPERATIONS = ["list", "create", "read", "update", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];

export const Resource = z.object({
  name: z
    .string()
    .max(60)
    .regex(/^[A-Za-z][A-Za-z0-9 _-]*$/)
    .describe("Singular: blog post."),
  description: z.string().max(500).optional(),
  fields: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, "must be snake_case"), Field)
    .default({})
    .describe(
      "Beside id and created_at, which every resource has: name → type, or {type, required, description, enum}.",
    ),
  operations: z
    .array(z.enum(OPERATIONS))
    .min(1)
    .default([...OPERATIONS]),
});
export type Resource = z.output<typeof Resource>;

const SUBJECT =
  /\b(?:manag(?:e|es|ing)|for|of)\s+(?:the\s+|a\s+|an\s+|managing\s+)?([a-z][a-z -]*?)\s*(?=$|[.,;:!?()]|\b(?:with|using|and|that|which|api|service|management)\b)/gi;

/** The resource that a sentence names: "an API for managing blog posts" is about a blog post. */
export function resourceIn(text: string): Resource {
  const found = [...text.matchAll(SUBJECT)].map(([, words = ""]) => words.trim()).find((words) => words !== "");
  return Resource.parse({ name: singular(found ?? "item").slice(0, 60), fields: { name: "string" } });
}

function singular(words: string): string {
  if (/[^aeiou]ies$/i.test(words)) return words.replace(/ies$/i, "y");
  if (/(?:ss|x|ch|sh)es$/i.test(words)) return words.replace(/es$/i, "");
  return /[^su]s$/i.test(words) ? words.slice(0, -1) : words;
}

export function plural(words: string): string {
  if (/[^aeiou]y$/i.test(words)) return words.replace(/y$/i, "ies");
  return /(?:s|x|ch|sh)$/i.test(words) ? `${words}es` : `${words}s`;
}

const wordsOf = (name: string) => name.trim().split(/[\s_-]+|(?<=[a-z0-9])(?=[A-Z])/);

/** blog post → BlogPost */
export function typeName(name: string): string {
  return wordsOf(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}

/** blog post → blog-post */
export function pathName(name: string): string {
  return wordsOf(name)
    .map((word) => word.toLowerCase())
    .join("-");
}
