/**
 * One life of the server: from a plan to a Worker that answers, and its end. The launcher has several when sources change.
 */
import { randomBytes } from "node:crypto";
import { askWorker } from "./ask-worker.ts";
import { fireCron } from "./cron.ts";
import { encryptionKeysOf } from "./encryption-key.ts";
import { mostLiveObjects } from "./file-limit.ts";
import type { FirstKey } from "./first-key.ts";
import { firstKeyOf } from "./first-key.ts";
import { ModuleThrew } from "./log/starting-log.ts";
import { migrateAll } from "./migrate.ts";
import type { Plan } from "./plan.ts";
import type { Refusal } from "./refuse.ts";
import { sentenceOf, wrongCode, wrongUse } from "./refuse.ts";
import { endRuntime, serveWithoutStuck } from "./serve-without-stuck.ts";

export interface Serving {
  readonly url: string;
  /** In key mode. */
  readonly first: FirstKey | undefined;
  /** The variables that the Worker has. */
  readonly variables: Readonly<Record<string, string>>;
  /** Every commit is on disk already: nothing is waited for. */
  stop(): Promise<void>;
}

/** What outlives a life. */
export interface Surroundings {
  /** The variables of what runs beside the Worker. */
  readonly beside: Readonly<Record<string, string>>;
  /** The port; that of the first life in later ones. */
  readonly port: number;
}

export async function beginServing(plan: Plan, surroundings: Surroundings): Promise<Serving | Refusal> {
  const { settings, config, build } = plan;
  const { stateDir, passedOn, auth } = settings;
  const keys = encryptionKeysOf(stateDir, passedOn.ERRAND_ENCRYPTION_KEYS);
  if ("refused" in keys) return wrongUse(keys.refused);
  const rootKey = auth === "keys" ? (passedOn.ERRAND_ROOT_KEY ?? randomBytes(32).toString("hex")) : undefined;
  const bindings = {
    ERRAND_MAX_LIVE: String(mostLiveObjects()),
    // A person sees the scripted model write; 0.3 s for a turn at most.
    ERRAND_SCRIPTED_PACE_MS: "15",
    // One person's requests are few, and worth seeing.
    ERRAND_LOG: "info",
    ERRAND_DEPLOYMENT: build.digest,
    ...surroundings.beside,
    ...passedOn,
    ERRAND_ENCRYPTION_KEYS: keys.keys,
    AUTH_MODE: auth,
    ...(rootKey === undefined ? {} : { ERRAND_ROOT_KEY: rootKey }),
  };
  try {
    await migrateAll({ config, stateDir });
    let unready: Refusal | undefined;
    const { miniflare, url } = await serveWithoutStuck(
      {
        config,
        bundle: build.bundle,
        port: surroundings.port,
        host: settings.host,
        stateDir,
        bindings,
      },
      async (served) => {
        unready = await whyUnready({ url: served.url.origin, rootKey });
      },
    );
    if (unready) {
      await endRuntime(miniflare);
      return unready;
    }
    const stopCron = fireCron(miniflare, settings.cronMs, config.crons);
    const first = rootKey === undefined ? undefined : await firstKeyOf(stateDir, { url: url.origin, rootKey });
    return {
      url: url.origin,
      first,
      variables: { ...config.variables, ...bindings },
      stop: async () => {
        stopCron();
        await endRuntime(miniflare);
      },
    };
  } catch (error) {
    if (error instanceof ModuleThrew) return wrongCode(error.message);
    return wrongCode(`Errand could not start: ${sentenceOf(error)}`);
  }
}

/** What the requests of this start may do when keys are asked for; of no use to the next one. */
interface Door {
  readonly url: string;
  readonly rootKey: string | undefined;
}

interface Health {
  readonly checks?: { readonly encryption: string };
  readonly code?: string;
  readonly detail?: string;
}

/** The Worker reads its definitions and its keys itself: what is wrong with them is known when it answers. */
async function whyUnready({ url, rootKey }: Door): Promise<Refusal | undefined> {
  const headers = rootKey === undefined ? {} : { authorization: `Bearer ${rootKey}` };
  const { status, text } = await askWorker(`${url}/health`, { headers });
  const { checks, code, detail } = healthOf(text);
  if (code !== undefined) return wrongCode(detail ?? code);
  if (checks?.encryption.startsWith("not ready")) return wrongUse(`Encryption is ${checks.encryption}.`);
  // A Worker with routes of its own may answer with anything that is no failure.
  if (status < 500) return undefined;
  const said = text.split("\n")[0]?.slice(0, 200);
  return wrongCode(
    `The Worker answers GET /health with ${status} (${said}): its module must have \`export default errand.worker\`, or call errand.worker.fetch.`,
  );
}

function healthOf(text: string): Health {
  try {
    return (JSON.parse(text) ?? {}) as Health;
  } catch {
    return {};
  }
}
