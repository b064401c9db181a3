/** What the outside sends to a program that waits for it. A part of `event.ts`. */
import * as z from "zod";
import { Json } from "../../values/json.ts";
import { Name } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";

export const SIGNALS_DATA = {
  "signal.received": z.object({ name: Name, data: Json, by: z.string().optional() }),
} as const;

export const SIGNALS_TRAITS = {
  "signal.received": { timer: false, message: false, index: true, value: true, input: false, lost: false },
} as const satisfies TraitsOf<typeof SIGNALS_DATA>;
