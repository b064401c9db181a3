import * as z from "zod";

const Form = z.base64().min(1);

/** Whether a text is base64 with its padding, of at least one byte. */
export function isBase64(text: string): boolean {
  return Form.safeParse(text).success;
}
