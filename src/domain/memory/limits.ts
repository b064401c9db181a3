/** What one memory takes. docs/limits.md says the same to people; the setting of a scope's bytes is in `values/limits.ts`. */
export const MEMORY_LIMITS = {
  /** UTF-8 bytes of a key. */
  keyBytes: 1_024,
  /** UTF-8 bytes of a value as JSON. */
  valueBytes: 1_048_576,
  /** UTF-8 bytes of a vector's metadata as JSON. */
  metadataBytes: 65_536,
  dimensions: 8_192,
  /** Vectors of one scope: each search reads all of them, so it is exact. */
  vectors: 10_000,
  topK: 1_000,
  /** Changes that the feed of a scope remembers, and that of a tenant. */
  changes: 1_000,
  tenantChanges: 10_000,
  /** Bytes of the same. */
  changeBytes: 16 * 1_048_576,
  tenantChangeBytes: 64 * 1_048_576,
  patterns: 20,
  patternLength: 256,
  /** Seconds that a value may live. */
  ttlSeconds: 315_360_000,
} as const;

/** Milliseconds for which a write is recognised when it comes again. */
export const WRITES_KNOWN_MS = 30 * 86_400_000;
