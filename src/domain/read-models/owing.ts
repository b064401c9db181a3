/** An execution that owes something, as the index keeps it. */
export interface Owing {
  readonly tenant: string;
  readonly id: string;
  /** When it should have woken by itself. */
  readonly owedAtMs: number;
}

/** What an execution said that it owes now; `null`: it waits for others only. */
export interface WakeMove extends Owing {
  readonly to: number | null;
}
