/**
 * Tells when something changes in the folders of a project: one watcher a folder, none a file. It does not know what was
 * changed, nor whether it matters; that is asked of the files themselves.
 */
import type { FSWatcher } from "node:fs";
import { readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

/** Nothing in them is a source: packages, builds, what tools keep for themselves. */
const IGNORED = /^(?:\..+|node_modules|dist|coverage)$/;
const MOST_FOLDERS = 4_000;
/** Editors write in several steps; some programs never stop writing. */
const QUIET_MS = 80;
const LONGEST_MS = 1_000;

export interface Watched {
  /** Resolves when something has changed since the last call, and nothing has for a moment. */
  next(): Promise<void>;
}

export interface Folders {
  /** Watched with all that is below it. */
  readonly root: string;
  /** Not watched: what the server itself writes into. */
  readonly without: string;
  /** Watched too, alone. */
  readonly others: () => readonly string[];
}

/** `complain` hears once that the machine watches no more. */
export function watchFolders(folders: Folders, complain: (sentence: string) => void): Watched {
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  let complained = false;
  let changedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let wake = (): void => {};

  const tell = (): void => {
    timer = undefined;
    look();
    wake();
  };
  const hear = (): void => {
    changedAt ||= Date.now();
    if (Date.now() - changedAt > LONGEST_MS && timer !== undefined) return;
    clearTimeout(timer);
    timer = setTimeout(tell, QUIET_MS);
  };
  const begin = (folder: string, inode: number): void => {
    try {
      const watcher = watch(folder, { persistent: false }, hear);
      watchers.set(folder, { watcher, inode });
      watcher.on("error", () => watcher.close());
    } catch (error) {
      if (complained || !(error instanceof Error) || !/ENOSPC|EMFILE/.test(error.message)) return;
      complained = true;
      complain(`Not every folder can be watched (${error.message}): start again after a change there.`);
    }
  };
  /** A folder that was removed and made again is another one. */
  const look = (): void => {
    const wanted = new Set([...foldersBelow(folders.root, folders.without), ...folders.others()]);
    for (const [folder, { watcher, inode }] of watchers) {
      if (wanted.has(folder) && inodeOf(folder) === inode) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of wanted) {
      const inode = inodeOf(folder);
      if (inode !== undefined && !watchers.has(folder)) begin(folder, inode);
    }
  };
  look();
  return {
    next: async () => {
      if (changedAt === 0 || timer !== undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      changedAt = 0;
    },
  };
}

/** The folder and all that is below it, but for what holds no sources. */
export function foldersBelow(root: string, without: string): string[] {
  const folders = [root];
  for (let index = 0; index < folders.length && folders.length < MOST_FOLDERS; index++) {
    const folder = folders[index] ?? root;
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !IGNORED.test(entry.name) && path !== without) folders.push(path);
    }
  }
  return folders;
}

/** None for a folder that is gone by now. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}
