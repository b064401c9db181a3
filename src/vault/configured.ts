import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import { parseEncryptionKeys } from "./encryption-keys.ts";
import type { Sealer } from "./vault.ts";
import { Vault } from "./vault.ts";

interface Configuration {
  readonly AUTH_MODE?: string;
  readonly ERRAND_ENCRYPTION_KEYS?: string;
}

/** Whose the texts of the index are. */
export const INDEX = "index";
const OFF = new Vault({ sealing: undefined, opening: new Map() });
const vaults = new WeakMap<Configuration, Result<Vault>>();

/** The vault as a deployment configured it, read once an isolate. */
export function vaultOf(configuration: Configuration): Result<Vault> {
  let vault = vaults.get(configuration);
  if (!vault) {
    vault = readVault(configuration);
    vaults.set(configuration, vault);
  }
  return vault;
}

/** Without a secret only a laptop in open mode goes on, in plain text: a deployment has to name keys, or to say `off`. */
function readVault({ AUTH_MODE, ERRAND_ENCRYPTION_KEYS }: Configuration): Result<Vault> {
  if (ERRAND_ENCRYPTION_KEYS) {
    const parsed = parseEncryptionKeys(ERRAND_ENCRYPTION_KEYS);
    return parsed.ok ? accept(new Vault(parsed.keys)) : refuse("encryption_not_ready", parsed.problem);
  }
  if (AUTH_MODE === "open") return accept(OFF);
  return refuse(
    "encryption_not_ready",
    "this deployment has no ERRAND_ENCRYPTION_KEYS and would store inputs and results in plain text",
  );
}

/** Returns the sealer of one owner. Throws while the keys are not in order: nothing is stored, the caller tries again. */
export function sealerOf(configuration: Configuration, owner: string): Sealer {
  const vault = vaultOf(configuration);
  if (!vault.ok) throw new Error(vault.detail);
  return vault.value.sealerOf(owner);
}

/** Returns the sealer for texts of the index. While the keys are not in order, no caller gets as far as reading one. */
export function textsOf(configuration: Configuration): Sealer {
  const vault = vaultOf(configuration);
  return (vault.ok ? vault.value : OFF).sealerOf(INDEX);
}

/** One line for health, never with a key; a refusal says why nothing is served. */
export function encryptionReport(configuration: Configuration): Result<string> {
  const vault = vaultOf(configuration);
  if (!vault.ok) return vault;
  const { keyId, size } = vault.value;
  const opens = `${size} ${size === 1 ? "key opens" : "keys open"}`;
  return accept(
    keyId === undefined ? `off: what is stored now is plain text (${opens})` : `on: key ${keyId} seals, ${opens}`,
  );
}
