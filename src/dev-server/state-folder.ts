import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, parse } from "node:path";

const SHARED_BY_ALL = 0o1000;

/**
 * Makes the state folder its owner's alone (0700): it holds the executions of all users. Returns one sentence when the
 * folder is one that must not be closed to others, or cannot be.
 */
export function closeStateFolder(folder: string): string | undefined {
  const wanted = `Set STATE_DIR to a folder that holds nothing else, not ${folder}`;
  try {
    makeFolder(folder);
    const { mode } = statSync(folder);
    if ((mode & SHARED_BY_ALL) !== 0 || folder === homedir() || folder === parse(folder).root) {
      return `${wanted}: other programs need it.`;
    }
    chmodSync(folder, 0o700);
    return undefined;
  } catch (error) {
    return `${wanted}: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** Node's own `recursive` never returns where the system says of a folder that is there that it is not, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}
