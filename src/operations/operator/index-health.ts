/** What health says of the index. Any caller may request health without a key, so the index is not tested each time. */
export interface IndexReport {
  /** Why it cannot be used; undefined when it can. */
  readonly trouble: string | undefined;
  /** Rows that it would not take. They wait for the sweeper, and their executions are right all the same. */
  readonly parked: number;
  /** How full each database is, by its number; `warns` from 70 % on. */
  readonly usage: readonly { readonly registry: number; readonly percent: number; readonly warns: boolean }[];
}

/** Keeps a good report for this long: the test of the index is a write, and any caller may request health. */
const GOOD_FOR_MS = 10_000;
/** Trouble that is over is told soon: what waits for health is a person, or a balancer. */
const BAD_FOR_MS = 100;

export class IndexHealth {
  readonly #look: () => Promise<IndexReport>;
  readonly #now: () => number;
  #last: { untilMs: number; readonly report: Promise<IndexReport> } | undefined;

  constructor({ look, now }: { readonly look: () => Promise<IndexReport>; readonly now: () => number }) {
    this.#look = look;
    this.#now = now;
  }

  report(): Promise<IndexReport> {
    const now = this.#now();
    if (this.#last && now < this.#last.untilMs) return this.#last.report;
    const last = { untilMs: now + GOOD_FOR_MS, report: this.#look() };
    this.#last = last;
    void last.report.then(({ trouble }) => {
      if (trouble !== undefined) last.untilMs = now + BAD_FOR_MS;
    });
    return last.report;
  }
}
