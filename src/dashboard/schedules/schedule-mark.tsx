import type { ScheduleListed } from "../../client/schedules.ts";
import { Mark } from "../parts/mark.tsx";

type Status = ScheduleListed["status"];

const MARKS = {
  active: { kind: "ok", words: "Active" },
  paused: { kind: "warn", words: "Paused" },
  ended: { kind: "rest", words: "Ended" },
} as const satisfies { readonly [S in Status]: object };

export function ScheduleMark({ status }: { readonly status: Status }) {
  return <Mark {...MARKS[status]} />;
}
