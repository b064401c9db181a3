/** Something a person may do now; offered anew at each tick, so people survive every crash. */
export interface Act {
  readonly label: string;
  /** Whose object is told something: while that one refuses, nobody has an answer, and the act waits. */
  readonly to: string;
  readonly run: () => void;
}
