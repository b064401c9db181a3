/** The secret of the check in ids: configured, else made up by the first isolate and kept in the index for all others. */
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";

export interface IdSecretParts {
  /** ERRAND_ID_SECRET. */
  readonly configured: string | undefined;
  /** Resolves with the deployment's secret, or with the reason why its sealed text does not open; rejects while the index does not answer. */
  readonly read: () => Promise<Result<string>>;
  readonly now: () => number;
}

/** After the index did not answer, ids are made without a check for so long before it is asked again. */
const AGAIN_MS = 5_000;

export class IdSecret {
  readonly #parts: IdSecretParts;
  #secret: string | undefined;
  #trouble: Refusal = refuse("unavailable", "the secret of the check in ids has not been read");
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

  /** Returns why the secret is not known: the refusal of a request whose id cannot be checked. */
  get trouble(): Refusal {
    return this.#trouble;
  }

  /** Resolves when the secret is known, or when it could not be read. Never rejects. Cheap once it is known. */
  async load(): Promise<void> {
    if (this.#secret !== undefined || this.#parts.now() < this.#nextAtMs) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    const read = await this.#parts
      .read()
      .catch(() => refuse("unavailable", "the index, which keeps the secret of the check in ids, did not answer"));
    if (read.ok) this.#secret = read.value;
    else {
      this.#trouble = read;
      this.#nextAtMs = this.#parts.now() + AGAIN_MS;
    }
  }
}
