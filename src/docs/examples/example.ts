/** One call as it really looks: its requests and answers, by status. Each is parsed by its schema in a test. */
export interface Example {
  readonly request?: unknown;
  readonly answers: Readonly<Record<number, unknown>>;
}

export type Examples = Readonly<Record<string, Example>>;

export const EXECUTION_ID = "exec_6yqPzV0b3kTn1cQmWfXh2sJrUeGdLaIoBt9vN7pEw4k";
export const RUN_ID = "run_20261121_093012_9f8e7d6c";
export const GATE_ID = `gate_${EXECUTION_ID.slice(5)}.a1b2c3`;
export const CREATED_AT = "2026-11-21T09:30:12.000Z";
export const LATER = "2026-11-21T09:30:12.480Z";
export const EXPIRES_AT = "2026-11-24T09:30:12.000Z";
export const DIGEST = "b5f1c2d3e4a5968778695a4b3c2d1e0f";
export const ids = { execution_id: EXECUTION_ID, run_id: RUN_ID, workflow_id: RUN_ID };
/** Nothing was asked of a model. */
export const NO_USAGE = {
  turns: 0,
  tokens: 0,
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: 0,
};
