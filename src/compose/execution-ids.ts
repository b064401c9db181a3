/** Wires the ids of executions and the way to their objects: one secret and one memory of used ids an isolate. */

import { executionClient } from "../actors/platform/execution-client.ts";
import { ExecutionIds } from "../actors/platform/execution-ids.ts";
import { IdSecret } from "../actors/platform/id-secret.ts";
import { knownIdsOf } from "../actors/platform/known-ids.ts";
import { heldIn } from "../actors/platform/projector-client.ts";
import { opened } from "../actors/storage/opened.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import { settingOrFirst } from "../registry/settings/keys.ts";
import { textsOf } from "../vault/configured.ts";
import { keyedCheck, randomToken } from "../vault/digest.ts";
import { admissionOf } from "./environment/limits.ts";
import { registriesOf } from "./environment/registries.ts";
import { queueing } from "./intake.ts";

interface Bindings {
  readonly EXECUTIONS: DurableObjectNamespace;
  readonly PROJECTORS: DurableObjectNamespace;
  readonly REGISTRY: D1Database;
  readonly ERRAND_ID_SECRET?: string;
  readonly ERRAND_ENCRYPTION_KEYS?: string;
  readonly AUTH_MODE?: string;
  readonly ERRAND_MAX_LIVE?: string;
  readonly INTAKES?: DurableObjectNamespace;
  readonly ERRAND_INTAKE?: string;
  readonly ERRAND_INTAKE_SHARDS?: string;
}

const PLACE = "settings id_secret";
const secrets = new WeakMap<Bindings, IdSecret>();

/** The router awaits its `load` once; ids made before are right, and have no check. */
export function idSecretOf(env: Bindings): IdSecret {
  const known = secrets.get(env);
  if (known) return known;
  const texts = textsOf(env);
  const made = () => texts.sealText(randomToken(32), PLACE);
  const read = async () => {
    const sealed = await settingOrFirst(env.REGISTRY, "id_secret", made());
    return opened(() => texts.openText(sealed, PLACE), "the secret of the check in this id");
  };
  const secret = new IdSecret({ configured: env.ERRAND_ID_SECRET, read, now: () => Date.now() });
  secrets.set(env, secret);
  return secret;
}

export function executionIdsOf(env: Bindings): ExecutionIds {
  const secret = idSecretOf(env);
  return new ExecutionIds({ namespace: env.EXECUTIONS, secret: () => secret.value, digest: keyedCheck });
}

/** For actors: no router has read the secret for them. */
export function dispatchFromActor(env: Bindings): ExecutionClient["dispatch"] {
  return async (...said) => {
    await idSecretOf(env).load();
    return executionClientOf(env).dispatch(...said);
  };
}

export function executionClientOf(env: Bindings): ExecutionClient {
  const admission = admissionOf(env);
  const known = knownIdsOf({ registries: registriesOf(env), isHeld: heldIn(env.PROJECTORS) });
  const ids = executionIdsOf(env);
  const client = executionClient({
    namespace: env.EXECUTIONS,
    ids,
    known,
    trouble: () => idSecretOf(env).trouble,
    admit: (id) => admission.refusal(id),
  });
  return queueing(env, client, ids);
}
