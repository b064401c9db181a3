/**
 * What the wrangler file of a Worker must have. Asked at the first request; what is missing is named with the lines to paste.
 */
interface Needed {
  readonly binding: string;
  readonly what: string;
  /** A method of what is bound. */
  readonly method: string;
  readonly lines: string;
  /** What is so where nothing is bound: the Worker serves without it, as projects of earlier versions do. */
  readonly without?: string;
}

const objects = (binding: string, name: string): Needed => ({
  binding,
  what: `the Durable Object class ${name}`,
  method: "idFromName",
  lines: `[[durable_objects.bindings]]\nname = "${binding}"\nclass_name = "${name}"`,
});

/** A class that comes later brings a tag of its own. */
const MIGRATION = `[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["ExecutionActor", "ProjectorActor"]`;
const LATER_MIGRATIONS = new Map([
  ["INTAKES", `[[migrations]]\ntag = "v3"\nnew_sqlite_classes = ["IntakeActor"]`],
  ["MEMORIES", `[[migrations]]\ntag = "v4"\nnew_sqlite_classes = ["MemoryActor"]`],
  ["NODES", `[[migrations]]\ntag = "v5"\nnew_sqlite_classes = ["NodeDirectoryActor"]`],
  ["SCHEDULES", `[[migrations]]\ntag = "v6"\nnew_sqlite_classes = ["ScheduleActor"]`],
  ["LIMITERS", `[[migrations]]\ntag = "v7"\nnew_sqlite_classes = ["LimiterActor"]`],
]);

const NODES: Needed = {
  ...objects("NODES", "NodeDirectoryActor"),
  without: "no node registers: what is asked of nodes is refused with the lines that are missing",
};

const NEEDED: readonly Needed[] = [
  objects("EXECUTIONS", "ExecutionActor"),
  objects("PROJECTORS", "ProjectorActor"),
  { ...objects("INTAKES", "IntakeActor"), without: "starts are not queued: each makes its object at once" },
  { ...objects("MEMORIES", "MemoryActor"), without: "calls of memory are refused" },
  NODES,
  { ...objects("SCHEDULES", "ScheduleActor"), without: "calls of schedules are refused, and none fires" },
  { ...objects("LIMITERS", "LimiterActor"), without: "concurrency limits are not held: no execution waits for a slot" },
  {
    ...{ binding: "REGISTRY", what: "the D1 database of the index", method: "prepare" },
    lines: `[[d1_databases]]\nbinding = "REGISTRY"\ndatabase_name = "errand"\ndatabase_id = "ID"\nmigrations_dir = "node_modules/errand/migrations"`,
  },
  {
    ...{ binding: "FILES", what: "the R2 bucket for files and archives", method: "put" },
    lines: `[[r2_buckets]]\nbinding = "FILES"\nbucket_name = "errand-files"`,
  },
];

/** One sentence for each binding that this Worker serves without, with the lines for the wrangler file; or for one of them. */
export function bindingAdvice(env: object, binding?: string): readonly string[] {
  return NEEDED.filter((needed) => binding === undefined || needed.binding === binding).flatMap((needed) =>
    needed.without !== undefined && Reflect.get(env, needed.binding) === undefined
      ? [`${needed.without}. ${sentenceOf(needed, undefined)}`]
      : [],
  );
}

const known = new WeakMap<object, readonly string[]>();

/** One sentence for each binding that is missing or is another thing, with the lines for the wrangler file. */
export function bindingFaults(env: object): readonly string[] {
  const found = known.get(env) ?? NEEDED.flatMap((needed) => faultOf(needed, Reflect.get(env, needed.binding)));
  known.set(env, found);
  return found;
}

function faultOf(needed: Needed, bound: unknown): string[] {
  const { method, without } = needed;
  if (typeof bound === "object" && bound !== null && typeof Reflect.get(bound, method) === "function") return [];
  return bound === undefined && without !== undefined ? [] : [sentenceOf(needed, bound)];
}

/** What a caller of nodes hears where none can register. */
export const nodesMissing = (): string => sentenceOf(NODES, undefined);

function sentenceOf({ binding, what, method, lines }: Needed, bound: unknown): string {
  const problem = bound === undefined ? `has no binding ${binding}` : `binds ${binding} to something else`;
  const migration =
    method === "idFromName"
      ? `\n\nand, unless a migration names the class already:\n\n${LATER_MIGRATIONS.get(binding) ?? MIGRATION}`
      : "";
  const id = method === "prepare" ? " (`npx wrangler d1 create errand` prints the ID)" : "";
  return `the wrangler file ${problem}, ${what}. Add${id}:\n\n${lines}${migration}\n\nand start again`;
}
