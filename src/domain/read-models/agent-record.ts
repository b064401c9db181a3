/** What D1 knows of agents. An agent itself is code; its record says since when the code is as it is. */

/** What of an agent gets a new date when it changes. */
export interface ServedAgent {
  readonly id: string;
  readonly version: string;
  /** JSON: names and kinds, sorted by name, so that equal texts are equal lists. */
  readonly functions: string;
}

export interface AgentRecord extends ServedAgent {
  /** First seen. */
  readonly createdAtMs: number;
  /** Since when it serves with this version and these functions, without a gap. */
  readonly updatedAtMs: number;
  /** Since when it is no longer in the code. */
  readonly retiredAtMs: number | null;
}
