/** Where an execution stands that waits for a slot, as its limiter says it. */
import { awaitedQueue } from "../../domain/execution/slot-needs.ts";
import type { QueueReport } from "../../domain/read-models/queue-place.ts";
import { placeInWords } from "../../domain/read-models/queue-place.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Look } from "../../operations/ports.ts";
import type { LimiterClient } from "../platform/limiter-client.ts";

type Whose = Parameters<LimiterClient["report"]>;
export type QueueReports<Env> = (env: Env, ...whose: Whose) => Promise<QueueReport>;

/** Its `why` names its place, as far as its limiter answers; a brief look asks none. */
export async function withPlace(
  view: ExecutionView,
  report: (...whose: Whose) => Promise<QueueReport>,
  look?: Look,
): Promise<ExecutionView> {
  if (look && "brief" in look) return view;

  const queue = awaitedQueue(view.state);
  if (!view.why || !queue || view.queue?.aside !== undefined) return view;
  const { tenant, id } = view.state.origin;
  try {
    const said = await report({ tenant, queue: queue.name }, id);
    // A ticket that has not asked its limiter yet has its place in the shard.
    if (view.queue && said.position === undefined) return view;
    return { ...view, why: { ...view.why, sentence: placeInWords({ tenant, queue: queue.name }, said) } };
  } catch {
    return view;
  }
}
