/**
 * Agents at work, a process of its own: events flow into executions at a rate, while agents poll, and readers watch the first execution.
 * It tells how long each poll took, and how long after its instant each event was at each reader.
 */
import { setTimeout as sleep } from "node:timers/promises";

export interface WorkLoad {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Paths to which events are posted, in turn. */
  readonly events: readonly string[];
  readonly body: string;
  /** Bodies a second; 0: none. */
  readonly bodiesPerSecond: number;
  /** Paths that are polled, each by an agent of its own, with a pause between. */
  readonly polls: readonly string[];
  readonly pollPauseMs: number;
  /** The stream of a plan that is watched, and by how many. */
  readonly stream: string | undefined;
  readonly sockets: number;
  readonly durationMs: number;
}

export interface WorkDone {
  readonly bodies: number;
  readonly spanMs: number;
  readonly pollMs: readonly number[];
  /** Of every event at every reader. */
  readonly delayMs: readonly number[];
  /** How many events each reader saw. */
  readonly seen: readonly number[];
}

/** More is not sent before some of it is answered: a server that cannot keep up is offered less. */
const MOST_IN_FLIGHT = 64;
const AFTERMATH_MS = 1_000;

process.on("message", (wanted: WorkLoad) => {
  void run(wanted).then(
    (done) => process.send?.(done),
    (error) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function run(load: WorkLoad): Promise<WorkDone> {
  const readers = await Promise.all(Array.from({ length: load.sockets }, () => reader(`${load.url}${load.stream}`)));
  const end = performance.now() + load.durationMs;
  const pollMs: number[] = [];
  const begun = performance.now();
  const [bodies] = await Promise.all([flow(load, end), ...load.polls.map((path) => poll(load, { path, end, pollMs }))]);
  const spanMs = performance.now() - begun;
  if (readers.length > 0) await sleep(AFTERMATH_MS);
  for (const { socket } of readers) socket.close();
  return {
    bodies,
    spanMs,
    pollMs,
    delayMs: readers.flatMap(({ delays }) => delays),
    seen: readers.map(({ seen }) => seen()),
  };
}

async function flow({ url, headers, events, body, bodiesPerSecond }: WorkLoad, end: number): Promise<number> {
  const begun = performance.now();
  const inFlight = new Set<Promise<void>>();
  let sent = 0;
  while (bodiesPerSecond > 0 && performance.now() < end) {
    const due = Math.floor(((performance.now() - begun) * bodiesPerSecond) / 1_000);
    for (; sent < due && inFlight.size < MOST_IN_FLIGHT; sent += 1) {
      const posting = post(`${url}${events[sent % events.length]}`, { headers, body });
      inFlight.add(posting);
      void posting.finally(() => inFlight.delete(posting)).catch(() => {});
    }
    await sleep(1);
    if (inFlight.size >= MOST_IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  return sent;
}

async function post(url: string, init: { readonly headers: Readonly<Record<string, string>>; readonly body: string }) {
  const response = await fetch(url, { method: "POST", ...init });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 400)}`);
}

async function poll(
  { url, headers, pollPauseMs, polls }: WorkLoad,
  { path, end, pollMs }: { readonly path: string; readonly end: number; readonly pollMs: number[] },
): Promise<void> {
  // Not all at the same instant.
  await sleep((pollPauseMs * polls.indexOf(path)) / polls.length);
  while (performance.now() < end) {
    const before = performance.now();
    const response = await fetch(`${url}${path}`, { headers });
    await response.text();
    pollMs.push(performance.now() - before);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    await sleep(pollPauseMs);
  }
}

async function reader(url: string) {
  const socket = new WebSocket(url.replace("http", "ws"));
  const delays: number[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (!text.startsWith('{"type":"event"')) return resolve();
      const at = /"timestamp":"([^"]+)"/.exec(text)?.[1];
      if (text.includes('"event_type":"task_progress"')) delays.push(Date.now() - Date.parse(at ?? ""));
    });
    socket.addEventListener("close", () => reject(new Error(`${url} was closed`)));
  });
  return { socket, delays, seen: () => delays.length };
}
