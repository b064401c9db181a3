/** The act with the catastrophe: an audit whose server is killed in the middle, watched by one reader all the while. */
import type { EventBody } from "../client/index.ts";
import type { Stage } from "./acts.ts";
import { given } from "./acts.ts";
import type { PrivateServer } from "./private-server.ts";

const KILL_AT = 0.4;

export async function killedAudit({ client, screen, seen }: Stage, server: PrivateServer): Promise<void> {
  screen.act("catalog.audit", "many small durable steps; we kill the server in the middle (kill -9)");
  const { execution_id: id } = await client.executeAsync("catalog.audit", { pace_ms: 60 });
  seen.push(id);
  const bar = screen.bar("films");
  const read: EventBody[] = [];
  let readBeforeKill = 0;
  for await (const frame of client.stream(id)) {
    if (frame.type !== "event") continue;
    read.push(frame.event);
    const { done = 0, total = 0 } = frame.event.data as { done?: number; total?: number };
    if (frame.event.type !== "progress.reported") continue;
    bar.show(done, total);
    if (readBeforeKill > 0 || done < total * KILL_AT) continue;
    readBeforeKill = read.length;
    bar.end();
    await server.kill();
    screen.line(`   ${screen.style(["bold", "red"], "✘ kill -9")}  the server and its whole process group are gone`);
    await screen.during("starting again on the same folder", server.start());
    screen.good("up again; nobody asked the audit to go on");
  }
  bar.end();
  if (readBeforeKill === 0) throw new Error("the audit ended before the server could be killed");
  const { result } = await client.wait<"catalog.audit">(id);
  const log = await client.log(id);
  if (JSON.stringify(read) !== JSON.stringify(log.events)) throw new Error("the reader's events are not the log");
  const again = stepsDoneTwice(read);
  if (again > 0) throw new Error(`${again} steps were done again after the crash`);
  const steps = stepsDone(read).length;
  const { rows, columns, duplicate_titles } = given(result);
  const defects = columns.reduce(
    (sum, { missing, malformed, out_of_range }) => sum + missing.count + malformed.count + out_of_range.count,
    0,
  );
  screen.good(
    `${rows.toLocaleString("en")} films, ${defects.toLocaleString("en")} doubtful values, ${duplicate_titles.count} titles twice`,
  );
  screen.good(
    `${steps} steps: ${stepsDone(read.slice(0, readBeforeKill)).length} before the kill, the rest after it, none twice`,
  );
  screen.good(`one reader saw all ${read.length} events through the crash, in order, none lost, none twice`);
}

function stepsDone(events: readonly EventBody[]): unknown[] {
  return events
    .filter(({ type, data }) => type === "step.completed" && data.kind === "step")
    .map(({ data }) => data.key);
}

function stepsDoneTwice(events: readonly EventBody[]): number {
  const keys = stepsDone(events);
  return keys.length - new Set(keys).size;
}
