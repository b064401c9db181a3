/** How the validators judged each attempt, out of the events. Pure. */
import type { ValidatorVerdict } from "../../domain/execution/attempt.ts";
import { grownWithEvents } from "./prefix.ts";

export interface Judged {
  readonly n: number;
  readonly verdicts: readonly ValidatorVerdict[];
  /** What the next attempt was told. */
  readonly feedback: string | undefined;
  readonly outcome: "passed" | "rejected" | "under way";
}

export const verdictsOf = grownWithEvents({
  begin: () => new Map<number, Judged>(),
  read: (judged, event) => {
    if (event.type === "attempt.started") {
      const { n } = event.data;
      judged.set(n, { n, verdicts: [], feedback: undefined, outcome: "under way" });
    }
    if (event.type === "attempt.completed" || event.type === "attempt.rejected") {
      const { n, verdicts } = event.data;
      const rejected = event.type === "attempt.rejected";
      const feedback = event.type === "attempt.rejected" ? event.data.feedback : undefined;
      judged.set(n, { n, verdicts, feedback, outcome: rejected ? "rejected" : "passed" });
    }
  },
  give: (judged): readonly Judged[] => [...judged.values()],
});
