/** The secret of the check in ids: configured, else made up by the first isolate and kept in the index for all others. */
export interface IdSecretParts {
  /** ERRAND_ID_SECRET. */
  readonly configured: string | undefined;
  /** Resolves with the deployment's secret; rejects while the index does not answer. */
  readonly read: () => Promise<string>;
  readonly now: () => number;
}

/** After the index did not answer, ids are made without a check for so long before it is asked again. */
const AGAIN_MS = 5_000;

export class IdSecret {
  readonly #parts: IdSecretParts;
  #secret: string | undefined;
  #reading: Promise<void> | undefined;
  #nextAtMs = 0;

  constructor(parts: IdSecretParts) {
    this.#parts = parts;
    this.#secret = parts.configured;
  }

  /** `undefined` until `load` has resolved with an answer. */
  get value(): string | undefined {
    return this.#secret;
  }

  /** Resolves when the secret is known, or when the index did not answer. Never rejects. Cheap once it is known. */
  async load(): Promise<void> {
    if (this.#secret !== undefined || this.#parts.now() < this.#nextAtMs) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      this.#secret = await this.#parts.read();
    } catch {
      this.#nextAtMs = this.#parts.now() + AGAIN_MS;
    }
  }
}
