import { fitsBytes, utf8Bytes } from "../values/json-text.ts";
import { MEMORY_LIMITS } from "./limits.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Why a text is no key of a memory, as words behind its name; `undefined` when it is one. */
export function faultOfKey(
  key: string,
): { readonly code: "invalid_input" | "payload_too_large"; readonly message: string } | undefined {
  const { keyBytes } = MEMORY_LIMITS;
  if (key === "") return { code: "invalid_input", message: "must not be empty" };
  if (LONE_SURROGATE.test(key))
    return { code: "invalid_input", message: "holds half of a surrogate pair: send well-formed Unicode" };
  if (fitsBytes(key, keyBytes)) return undefined;
  return { code: "payload_too_large", message: `has ${utf8Bytes(key)} bytes, and a key has at most ${keyBytes}` };
}
