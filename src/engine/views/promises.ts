import type { KnownHead } from "../../domain/execution/chain.ts";
import type { InvariantReport } from "../../domain/invariants/invariants.ts";
import { checkInvariants } from "../../domain/invariants/invariants.ts";
import type { Journal } from "../journal/journal.ts";

interface Seen {
  /** The alarm that the platform holds; `null` when there is none. */
  readonly alarmAtMs: number | null;
  readonly digest: (text: string) => string;
  readonly now: number;
  /** What the index says of its chain, where it says anything. */
  readonly known?: KnownHead | undefined;
}

/** The promises, checked on the whole log of this execution and on what stands beside it. Empty before its first commit. */
export function promisesOf(journal: Journal, { alarmAtMs, digest, now, known }: Seen): InvariantReport[] {
  const { state, timers, outbox, work } = journal;
  if (!state) return [];
  const chain = journal.chain?.check(known);
  return checkInvariants({
    events: journal.eventsAfter(0),
    state,
    timers: timers.all(),
    outbox,
    approvals: journal.approvals.first(state.gates.open),
    work: { states: () => work.states(), seqOf: work.reportSeq },
    digest,
    now,
    ...(chain === undefined ? {} : { chain }),
    ...(alarmAtMs === null ? {} : { alarmAtMs }),
  });
}
