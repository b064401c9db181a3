import { ADDRESSES } from "./addresses.ts";
import type { Attack } from "./attack.ts";
import { ENVELOPES } from "./envelopes.ts";
import { HEADERS } from "./headers.ts";
import { JSON_TEXTS } from "./json-texts.ts";
import { STARTS } from "./starts.ts";

/** What any HTTP library can send. */
export const ATTACKS: readonly Attack[] = [...JSON_TEXTS, ...ENVELOPES, ...STARTS, ...ADDRESSES, ...HEADERS];
