/** The names of settings: which are known, and what a misspelt one was probably to be. It knows no value of any. */
import { distanceOf, nearest } from "../domain/values/nearest.ts";

/** Every setting that begins with `ERRAND_`; docs/settings.md says what each means. */
const KNOWN = [
  "ERRAND_ALLOWED_HOSTS",
  "ERRAND_ALLOWED_ORIGINS",
  "ERRAND_API_KEY",
  "ERRAND_ARCHIVE",
  "ERRAND_AUTH",
  "ERRAND_CRON_MS",
  "ERRAND_DEPLOYMENT",
  "ERRAND_ENCRYPTION_KEYS",
  "ERRAND_HEARTBEAT_MS",
  "ERRAND_HOST",
  "ERRAND_ID_SECRET",
  "ERRAND_INTAKE",
  "ERRAND_INTAKE_SHARDS",
  "ERRAND_LEASE_SECONDS",
  "ERRAND_LOG",
  "ERRAND_MAX_FEEDS",
  "ERRAND_MAX_FEED_BYTES",
  "ERRAND_MAX_LIVE",
  "ERRAND_MAX_LONG_POLLS",
  "ERRAND_MAX_MEMORY_BYTES",
  "ERRAND_MAX_NODES",
  "ERRAND_MAX_PLAN_BYTES",
  "ERRAND_MAX_MANIFEST_BYTES",
  "ERRAND_MAX_OPEN_EXECUTIONS",
  "ERRAND_MAX_POLLING_AGENTS",
  "ERRAND_MAX_QUEUED",
  "ERRAND_MAX_QUEUED_BYTES",
  "ERRAND_MAX_SCHEDULES",
  "ERRAND_MAX_SIGNAL_BYTES",
  "ERRAND_MAX_SOCKETS",
  "ERRAND_MAX_STORAGE_BYTES",
  "ERRAND_MAX_TRIES",
  "ERRAND_MAX_UNREAD_BYTES",
  "ERRAND_MODEL",
  "ERRAND_NEEDS_BROWSER",
  "ERRAND_OTLP_ENDPOINT",
  "ERRAND_OTLP_HEADERS",
  "ERRAND_PUBLIC_URL",
  "ERRAND_READ_REPLICAS",
  "ERRAND_REGISTRY_MAX_BYTES",
  "ERRAND_RETENTION_DAYS",
  "ERRAND_ROOT_KEY",
  "ERRAND_SCRIPTED_PACE_MS",
  "ERRAND_TOKEN_SECRET",
  "ERRAND_URL",
  "ERRAND_WEBHOOK_SECRET",
  "ERRAND_WEBHOOK_STAMPED",
];

const PREFIX = /^ERRAND_/;

/** Settings of the launcher that have no such prefix. */
const WITHOUT_PREFIX = ["PORT", "STATE_DIR"];

/** A misspelt prefix is worth a sentence only where the whole name is nearly a setting. */
const SLIPS = 2;

/** One sentence for the first name that looks like a setting and is none. */
export function misspelt(names: readonly string[]): string | undefined {
  for (const name of names) {
    if (KNOWN.includes(name)) continue;
    if (PREFIX.test(name)) return unknown(name);
    // Short words are near to anything.
    if (name.length > 8 && KNOWN.some((known) => distanceOf(name, known) <= SLIPS)) return unknown(name);
  }
  return undefined;
}

function unknown(name: string): string {
  const short = name.replace(PREFIX, "");
  const meant = WITHOUT_PREFIX.find((known) => known === short) ?? meantBy(name, short);
  const guess = meant === undefined ? "Settings" : `Did you mean ${meant}? Settings`;
  return `${name} is no setting of Errand. ${guess} are listed in docs/settings.md.`;
}

/** A prefix that is right says nothing about what follows it. */
function meantBy(name: string, short: string): string | undefined {
  if (short === name) return nearest(name, KNOWN);
  const found = nearest(
    short,
    KNOWN.map((known) => known.replace(PREFIX, "")),
  );
  return found && `ERRAND_${found}`;
}
