/**
 * What one tenant, or one execution, may hold at most. One table: the setting that changes a limit, its default, and how it
 * is said. Where a limit is checked is each checker's business; a refusal always names the setting.
 */
const MIB = 1_048_576;

export const LIMITS = {
  openExecutions: { setting: "ERRAND_MAX_OPEN_EXECUTIONS", usual: 100_000, what: "executions a tenant has open" },
  queuedStarts: {
    setting: "ERRAND_MAX_QUEUED",
    usual: 100_000,
    what: "starts that wait in an intake shard",
  },
  queuedBytes: {
    setting: "ERRAND_MAX_QUEUED_BYTES",
    usual: 256 * MIB,
    what: "bytes of starts that wait in an intake shard",
  },
  longPolls: { setting: "ERRAND_MAX_LONG_POLLS", usual: 1_000, what: "requests of a tenant that wait for an answer" },
  signalBytes: {
    setting: "ERRAND_MAX_SIGNAL_BYTES",
    usual: 64 * MIB,
    what: "bytes of signals that wait in an execution",
  },
  storageBytes: {
    setting: "ERRAND_MAX_STORAGE_BYTES",
    usual: 1_000_000_000,
    what: "bytes that an execution may store",
  },
  sockets: {
    setting: "ERRAND_MAX_SOCKETS",
    usual: 200,
    what: "readers that are connected to an execution, or to a feed of memory",
  },
  memoryBytes: {
    setting: "ERRAND_MAX_MEMORY_BYTES",
    usual: 1_000_000_000,
    what: "bytes that a memory may store",
  },
  nodes: { setting: "ERRAND_MAX_NODES", usual: 1_000, what: "registered versions of nodes a tenant has" },
  pollingAgents: { setting: "ERRAND_MAX_POLLING_AGENTS", usual: 1_000, what: "polling agents a tenant has" },
  planBytes: {
    setting: "ERRAND_MAX_PLAN_BYTES",
    usual: 128 * MIB,
    what: "bytes of plans that a tenant keeps, all versions together",
  },
  manifestBytes: {
    setting: "ERRAND_MAX_MANIFEST_BYTES",
    usual: 64 * MIB,
    what: "bytes of manifests that a tenant keeps, all versions together",
  },
  schedules: { setting: "ERRAND_MAX_SCHEDULES", usual: 100_000, what: "schedules of a tenant" },
  unreadBytes: {
    setting: "ERRAND_MAX_UNREAD_BYTES",
    usual: 16 * MIB,
    what: "bytes that an execution's readers have not read, all of them together",
  },
  feeds: { setting: "ERRAND_MAX_FEEDS", usual: 200, what: "feeds and plan streams of a tenant" },
  feedBytes: {
    setting: "ERRAND_MAX_FEED_BYTES",
    usual: 64 * MIB,
    what: "bytes that a tenant's feeds and plan streams have not read, all of them together",
  },
} as const satisfies Record<string, { readonly setting: string; readonly usual: number; readonly what: string }>;

export type LimitName = keyof typeof LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

const NAMES = Object.keys(LIMITS) as LimitName[];

export const DEFAULT_LIMITS = Object.fromEntries(NAMES.map((name) => [name, LIMITS[name].usual])) as Limits;

/** Settings by their names, as text; what is not set, or is no whole number from 1, has its default. */
export function readLimits(settings: Readonly<Record<string, unknown>>): Limits {
  const read = (name: LimitName) => {
    const number = Number(settings[LIMITS[name].setting] || LIMITS[name].usual);
    return isLimit(number) ? number : LIMITS[name].usual;
  };
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as Limits;
}

/** A sentence for each that is no limit. */
export function limitFaults(settings: Readonly<Record<string, unknown>>): string[] {
  return NAMES.flatMap((name) => {
    const { setting } = LIMITS[name];
    const text = settings[setting];
    if (text === undefined || text === "" || isLimit(Number(text))) return [];
    return [`${setting} is ${JSON.stringify(String(text).slice(0, 50))}: give a whole number from 1, or leave it out`];
  });
}

function isLimit(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 1;
}

/** How a refusal says its limit: `at most 200 readers that are connected to an execution (ERRAND_MAX_SOCKETS)`. */
export function inWords(name: LimitName, limits: Limits): string {
  return `at most ${limits[name]} ${LIMITS[name].what} (${LIMITS[name].setting})`;
}
