/** Most bytes that a request's body may have, by what it carries. Checked before anything is scanned or parsed. */

const MIB = 1_048_576;

export const BODY_BYTES = {
  /** Reasons, decisions without a payload, keys: 20,000 characters fit, also when each is written as an escape. */
  small: MIB / 4,
  /** One inline value of 1 MiB, with room for how it is written. */
  value: 2 * MIB,
  /** Read before the sender is known: the signature is checked over the whole body. */
  signed: MIB,
  /** A start or a restart: input, context and metadata. */
  start: 2 * MIB,
  /** Many things in one call. */
  batch: 8 * MIB,
  /** A start with files. All of it lies in memory until it is stored, and an isolate has 128 MB. */
  form: 32 * MIB,
} as const;

/** `1048576 bytes (1 MiB)`, `262144 bytes (256 KiB)`. */
export function inBytes(bytes: number): string {
  return `${bytes} bytes (${bytes < MIB ? `${bytes / 1_024} KiB` : `${bytes / MIB} MiB`})`;
}
