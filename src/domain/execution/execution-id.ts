/**
 * `exec_` + 42 bytes in base64url (56 characters): version, intake shard, the Durable Object's own id (32 bytes, which holds
 * its jurisdiction), and a check of 8 bytes over these and the tenant. So any edge location reaches the actor from the id
 * alone, and refuses an id that was never made before it reaches for an object.
 *
 * The form before this one, 43 characters of the object's id alone, stays readable; it has no check.
 * An approval's id holds its execution's: `gate_<56 or 43 characters>.<suffix>`, so a decision that names only the approval finds it.
 *
 * A caller may choose an id (`exec_carol_1`): its actor is then named after tenant and id. Ours and chosen ones cannot be
 * taken for each other: what has the form of ours is never chosen, and an approval of a chosen one is `gate_:<id>.<suffix>`.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CHECKED = 1;
/** Made while the key of the check was not known (the index that keeps it did not answer): the check is zeros. */
const UNCHECKED = 2;
const CHECK_BYTES = 8;

/** What an id says. `check` is hex; absent where the id has none, and then only its object can tell whether it exists. */
export interface IdParts {
  readonly objectHex: string;
  /** 0: made by no intake shard. */
  readonly shard: number;
  readonly check?: string | undefined;
}

const hexOf = (byte: number) => byte.toString(16).padStart(2, "0");

/** Base64url without padding; `hex` has an even number of digits. */
function encode(hex: string): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (let i = 0; i < hex.length; i += 2) {
    value = ((value << 8) | Number.parseInt(hex.slice(i, i + 2), 16)) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET[(value >> bits) & 63];
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (6 - bits)) & 63] : text;
}

/** `undefined` where the text is no base64url, or has bits left over: then two texts would mean one id. */
function decode(text: string): string | undefined {
  let hex = "";
  let bits = 0;
  let value = 0;
  for (const char of text) {
    const six = ALPHABET.indexOf(char);
    if (six < 0) return undefined;
    value = ((value << 6) | six) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    hex += hexOf((value >> bits) & 255);
  }
  return (value & ((1 << bits) - 1)) === 0 ? hex : undefined;
}

/** The hex over which the check is made, beside the tenant. */
export function checkedHex({ objectHex, shard }: IdParts): string {
  return `${hexOf(CHECKED)}${hexOf(shard)}${objectHex}`;
}

/** `check`: the first 8 bytes of the keyed digest, in hex; absent: the id is made without one. */
export function formatExecutionId({ check, ...parts }: IdParts): string {
  const rest = `${hexOf(parts.shard)}${parts.objectHex}`;
  const hex = check === undefined ? `${hexOf(UNCHECKED)}${rest}${"00".repeat(CHECK_BYTES)}` : checkedHex(parts) + check;
  return `exec_${encode(hex)}`;
}

const OURS = /^exec_(?:[A-Za-z0-9_-]{56}|[A-Za-z0-9_-]{43})$/;

/** What an id of ours says, or `undefined` when the text is none. */
export function parseExecutionId(id: string): IdParts | undefined {
  if (!OURS.test(id)) return undefined;
  const hex = decode(id.slice(5));
  if (hex === undefined) return undefined;
  if (hex.length === 64) return { objectHex: hex, shard: 0 };
  const version = Number.parseInt(hex.slice(0, 2), 16);
  const parts = { shard: Number.parseInt(hex.slice(2, 4), 16), objectHex: hex.slice(4, 68) };
  const check = hex.slice(68);
  if (version === CHECKED) return { ...parts, check };
  return version === UNCHECKED && check === "00".repeat(CHECK_BYTES) ? parts : undefined;
}

export const CHOSEN_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
/** Segments of the API that stand where an id may stand. */
const RESERVED = new Set(["active", "batch-status", "events", "note"]);

/** Whether a caller may choose this id, and so whether an actor may be named after it. */
export function isChosenId(id: string): boolean {
  return CHOSEN_ID.test(id) && !OURS.test(id) && !RESERVED.has(id);
}

export function approvalIdOf(executionId: string, suffix: string): string {
  return `gate_${OURS.test(executionId) ? executionId.slice(5) : `:${executionId}`}.${suffix}`;
}

const GATE = /^gate_(?:([A-Za-z0-9_-]{56}|[A-Za-z0-9_-]{43})|:(.{1,128}))\.[A-Za-z0-9]+$/;

export function executionOfApproval(gateId: string): string | undefined {
  const [, ours, chosen] = GATE.exec(gateId) ?? [];
  if (ours !== undefined) return `exec_${ours}`;
  return chosen !== undefined && isChosenId(chosen) ? chosen : undefined;
}
