/** One row of the table of refusals, `FAULTS`. */
export interface FaultRow {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  /** The sentence a reader needs to go on. */
  readonly next: string;
}

export const row = (status: number, title: string, next: string): FaultRow => ({
  status,
  title,
  retryable: false,
  next,
});
/** The same call may succeed later. */
export const again = (fault: FaultRow): FaultRow => ({ ...fault, retryable: true });
