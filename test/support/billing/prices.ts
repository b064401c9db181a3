/** List prices of Cloudflare's paid plan in US dollars, as its documentation gave them on 2026-11-26, without what a plan includes. */
const PRICES = {
  /** A call, fetch or alarm of an object. */
  objectCall: 0.15 / 1e6,
  /** A second of an object awake: 128 MB at $12.50 a million GB-seconds. */
  awakeSecond: (0.128 * 12.5) / 1e6,
  objectRowWritten: 1 / 1e6,
  objectRowRead: 0.001 / 1e6,
  registryRowWritten: 1 / 1e6,
  registryRowRead: 0.001 / 1e6,
  /** A byte in an object, a month. */
  objectByteMonth: 0.2 / 1e9,
  /** A request to the Worker. Its CPU, $0.02 a million milliseconds, is a row of the bench of its own. */
  request: 0.3 / 1e6,
} as const;

/** What one execution used, as the meter counted it. */
export interface Usage {
  readonly requests: number;
  readonly objectRows: number;
  readonly objectRowsRead: number;
  readonly registryRows: number;
  readonly registryRowsRead: number;
  readonly objectCalls: number;
  readonly awakeSeconds: number;
}

/** US dollars for a million executions. */
export function dollarsPerMillion(usage: Usage): number {
  return (
    1e6 *
    (usage.requests * PRICES.request +
      usage.objectRows * PRICES.objectRowWritten +
      usage.objectRowsRead * PRICES.objectRowRead +
      usage.registryRows * PRICES.registryRowWritten +
      usage.registryRowsRead * PRICES.registryRowRead +
      usage.objectCalls * PRICES.objectCall +
      usage.awakeSeconds * PRICES.awakeSecond)
  );
}

/** How long an ended execution is kept unless a deployment says otherwise. */
export const KEPT_DAYS = 90;
const MONTH_DAYS = 30;

/** US dollars for what a million executions keep in their objects until their retention ends. */
export function keptDollarsPerMillion({ bytes }: { readonly bytes: number }): number {
  return 1e6 * bytes * PRICES.objectByteMonth * (KEPT_DAYS / MONTH_DAYS);
}
