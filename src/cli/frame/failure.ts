import type { FailureKind } from "./exits.ts";

/** A command to run next, whole, with real ids. */
export interface Next {
  readonly command: string;
  readonly description: string;
}

export interface Told {
  readonly causes?: readonly string[];
  readonly next?: readonly Next[];
  /** What the command would do, where it was not done. */
  readonly plan?: readonly string[];
  /** The server's own word for it, and the request that it answered. */
  readonly code?: string;
  readonly requestId?: string;
  /** What `--json` prints beside `error`: a run has its envelope for failures too. */
  readonly document?: object;
}

/** What ends a command early. `message` is one sentence for people. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  readonly told: Told;

  constructor(kind: FailureKind, message: string, told: Told = {}) {
    super(message);
    this.kind = kind;
    this.told = told;
  }
}

/** The document of `--json`. */
export function failureDocument({ kind, message, told }: Failure): object {
  const { causes, next, plan, code, requestId, document } = told;
  return {
    ...document,
    error: {
      kind,
      message,
      ...(code === undefined ? {} : { code }),
      ...(causes?.length ? { causes } : {}),
      ...(plan?.length ? { plan } : {}),
      ...(requestId ? { request_id: requestId } : {}),
      ...(next?.length ? { next_steps: next } : {}),
    },
  };
}
