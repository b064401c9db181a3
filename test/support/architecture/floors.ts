/**
 * The order of folders inside a room of `src`: a folder imports from those that stand before it in its row, and from no
 * other. "." is the room itself: the files that stand in no folder of it. A new folder takes its place in the row.
 */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  engine: [".", "journal", "program", "work", "activities", "outbox", "operations", "run-loop", "views", "execution"],
  registry: ["schema", "databases", "projection", "lists", "documents", "settings", "."],
  operations: [
    ".",
    "access",
    "approvals",
    "nodes",
    "stream",
    "lists",
    "polling-agents",
    "runs",
    "executions",
    "manifests",
    "memory",
    "plans",
    "schedules",
    "sweep",
    "agents",
    "operator",
  ],
  actors: [
    "rpc",
    "storage",
    "sockets",
    "projector",
    "queues",
    "intake",
    "memory",
    "nodes",
    "schedules",
    "platform",
    "executions",
    ".",
  ],
  http: [
    "requests",
    "answers",
    "access",
    "executions",
    "approvals",
    "stream",
    "runs",
    "memory",
    "nodes",
    "manifests",
    "schedules",
    "plans",
    "agents",
    "operator",
    "pages",
    ".",
  ],
  compose: ["environment", "."],
  client: ["transport", "stream", "."],
};

/** Most files of one folder: with more a stranger finds nothing in it. */
export const MOST_FILES = 30;

/** Folders that hold more, and what they may hold until they are divided. */
export const CROWDED: ReadonlyMap<string, number> = new Map([
  ["src/domain/execution", 48],
  ["src/dev-server", 46],
]);
