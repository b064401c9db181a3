import * as z from "zod";

const Output = z.record(z.string(), z.json());

/** A JSON object as it is; anything else as the text it is. */
export function outputOf(stdout: string): z.infer<typeof Output> {
  const text = stdout.trim();
  if (text === "") return {};
  try {
    const parsed = Output.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // It is no JSON.
  }
  return { output: text };
}
