/**
 * `exec_` + the Durable Object's own id (32 bytes) in base64url, so any edge location reaches the actor from the id alone.
 * A gate's id holds its execution's: `gate_<43 characters>.<suffix>`, so a decision that names only the gate finds it too.
 *
 * A caller may choose an id (`exec_carol_1`): its actor is then named after tenant and id. Ours and chosen ones cannot be
 * taken for each other: whatever has the form of ours is never chosen, and a gate of a chosen one is `gate_:<id>.<suffix>`.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const COMPACT_LENGTH = 43;

export function executionIdFromHex(hex: string): string {
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
  if (bits > 0) text += ALPHABET[(value << (6 - bits)) & 63];
  return `exec_${text}`;
}

/** The actor's id in hex, or `undefined` when the text is no id of ours. */
export function hexFromExecutionId(id: string): string | undefined {
  if (!id.startsWith("exec_") || id.length !== COMPACT_LENGTH + 5) return undefined;
  let hex = "";
  let bits = 0;
  let value = 0;
  for (const char of id.slice(5)) {
    const six = ALPHABET.indexOf(char);
    if (six < 0) return undefined;
    value = ((value << 6) | six) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    hex += ((value >> bits) & 255).toString(16).padStart(2, "0");
  }
  // 43 characters carry 258 bits: the last two must be zero, or two texts would mean one actor.
  return hex.length === 64 && (value & ((1 << bits) - 1)) === 0 ? hex : undefined;
}

const OURS = /^exec_[A-Za-z0-9_-]{43}$/;
export const CHOSEN_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
/** Segments of the API that stand where an id may stand. */
const RESERVED = new Set(["active", "batch-status", "events", "note"]);

/** Whether a caller may choose this id, and so whether an actor may be named after it. */
export function isChosenId(id: string): boolean {
  return CHOSEN_ID.test(id) && !OURS.test(id) && !RESERVED.has(id);
}

export function gateIdOf(executionId: string, suffix: string): string {
  return `gate_${OURS.test(executionId) ? executionId.slice(5) : `:${executionId}`}.${suffix}`;
}

export function executionOfGate(gateId: string): string | undefined {
  const [, ours, chosen] = /^gate_(?:([A-Za-z0-9_-]{43})|:(.{1,128}))\.[A-Za-z0-9]+$/.exec(gateId) ?? [];
  if (ours !== undefined) return `exec_${ours}`;
  return chosen !== undefined && isChosenId(chosen) ? chosen : undefined;
}
