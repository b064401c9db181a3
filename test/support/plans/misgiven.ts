/** What a log of agents at a plan may never hold. Written beside the checker of promises, so that neither is the other's proof. */
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";

/**
 * Leases that were given while another one stood, before what they wait for, or after something had begun that may not be done
 * twice; reports that moved something under another lease than the current one; second completions.
 */
export function misgiven(events: readonly Event[], { tasks }: Plan, leaseOf: ReadonlyMap<string, string>): string[] {
  const subtasks = tasks.flatMap((each) => each.subtasks);
  const byId = new Map(subtasks.map((each) => [each.id, each]));
  const inTask = new Map(tasks.map(({ id, subtasks: own }) => [id, own.map((each) => each.id)]));
  const behind = new Map(
    tasks.flatMap(({ subtasks: own, prerequisiteTaskIds: before }) =>
      own.map(({ id }) => [id, before.flatMap((one) => inTask.get(one) ?? [])] as const),
    ),
  );
  const held = new Map<string, string>();
  const begun = new Set<string>();
  const [completed, done] = [new Set<string>(), new Set<string>()];
  const found: string[] = [];
  const over = (id: string) => {
    held.delete(id);
    begun.delete(id);
  };
  for (const { type, data, seq } of events) {
    if (type === "subtask.leased") {
      const { subtask: id, leaseId } = data;
      if (held.has(id)) found.push(`${seq}: ${id} is held already`);
      if (begun.has(id)) found.push(`${seq}: ${id} may have happened, and is given out again in silence`);
      if (completed.has(id)) found.push(`${seq}: ${id} is complete, and is given out`);
      if (byId.get(id)?.prerequisiteSubtaskIds.some((before) => !done.has(before)))
        found.push(`${seq}: ${id} is given out before what it waits for`);
      if (behind.get(id)?.some((before) => !done.has(before)))
        found.push(`${seq}: ${id} is given out before the tasks that its task waits for`);
      held.set(id, leaseId);
    }
    if (type === "subtask.requeued" || type === "subtask.blocked") {
      held.delete(data.subtask);
      const isSafe = type === "subtask.requeued" && (data.by !== undefined || byId.get(data.subtask)?.idempotent);
      if (isSafe) begun.delete(data.subtask);
    }
    if (type === "subtask.skipped")
      for (const id of data.subtasks) {
        over(id);
        done.add(id);
      }
    if (type === "subtask.completed") done.add(data.subtask);
    if (type !== "agent.reported" || !data.move) continue;
    const { move } = data;
    const lease = leaseOf.get(data.eventId);
    if (lease !== undefined && held.get(move.subtask) !== lease)
      found.push(`${seq}: ${data.eventId} moved ${move.subtask} under a lease that had ended`);
    if (move.to === "started" || move.to === "progress" || move.to === "awaiting") begun.add(move.subtask);
    else over(move.subtask);
    if (move.to !== "completed") continue;
    if (completed.has(move.subtask)) found.push(`${seq}: ${move.subtask} is completed a second time`);
    completed.add(move.subtask);
    done.add(move.subtask);
  }
  return found;
}
