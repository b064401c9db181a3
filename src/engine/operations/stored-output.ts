import type { StoredResult } from "../../domain/execution/stored-result.ts";

/** In the place of an output that is larger than a row: it lies in the file store. A program hands it on as it is. */
export class StoredOutput {
  readonly stored: StoredResult;

  constructor(stored: StoredResult) {
    this.stored = stored;
  }
}
