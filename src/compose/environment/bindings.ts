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
      ? [`${needed.without}. ${sentenceOf([needed], env)}`]
      : [],
  );
}

const known = new WeakMap<object, readonly string[]>();

/** What is missing or is another thing, in one sentence with the lines for the wrangler file: they are pasted once. */
export function bindingFaults(env: object): readonly string[] {
  const found = known.get(env) ?? faultsOf(env);
  known.set(env, found);
  return found;
}

function faultsOf(env: object): readonly string[] {
  const wrong = NEEDED.filter((needed) => isWrong(needed, Reflect.get(env, needed.binding)));
  return wrong.length === 0 ? [] : [sentenceOf(wrong, env)];
}

function isWrong({ method, without }: Needed, bound: unknown): boolean {
  if (typeof bound === "object" && bound !== null && typeof Reflect.get(bound, method) === "function") return false;
  return bound !== undefined || without === undefined;
}

/** What a caller of nodes hears where none can register. */
export const nodesMissing = (): string => sentenceOf([NODES], {});

/** One sentence for all of them: a migration of several classes is one block, and a second one of its tag would be refused. */
function sentenceOf(wrong: readonly Needed[], env: object): string {
  const problems = wrong.map(({ binding, what }) =>
    Reflect.get(env, binding) === undefined
      ? `has no binding ${binding}, ${what}`
      : `binds ${binding} to something else, not to ${what}`,
  );
  const classes = wrong.filter(({ method }) => method === "idFromName");
  const migrations = new Set(classes.map(({ binding }) => LATER_MIGRATIONS.get(binding) ?? MIGRATION));
  const unless = `and, unless a migration names the ${classes.length === 1 ? "class" : "classes"} already:`;
  const blocks = [
    ...wrong.map(({ lines }) => lines),
    ...(migrations.size === 0 ? [] : [unless, ...migrations]),
    "and start again",
  ];
  const id = wrong.some(({ method }) => method === "prepare") ? " (`npx wrangler d1 create errand` prints the ID)" : "";
  return `the wrangler file ${problems.join("; it ")}. Add${id}:\n\n${blocks.join("\n\n")}`;
}
