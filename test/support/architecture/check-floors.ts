/**
 * What holds for files together: how many a folder has, which folder of a room may import which other, and that no files
 * import each other in a circle. Each sentence says what is wrong and what to do. Called by `findViolations`.
 */
import { dirname, join } from "node:path/posix";
import { CROWDED, FLOORS, MOST_FILES } from "./floors.ts";
import { importsOf } from "./read-code.ts";

/** Path to text, as `findViolations` has it. */
type Files = ReadonlyMap<string, string>;

const CODE = /\.(tsx?|js)$/;

/** Every violation among files of `src`, each a sentence. */
export function betweenFiles(files: Files): string[] {
  const arrows = arrowsIn(files);
  return [...crowded(arrows), ...floors(arrows), ...circles(arrows)];
}

/** Each file of code in `src`, and the files of `src` that it imports. */
function arrowsIn(files: Files): Map<string, readonly string[]> {
  const code = [...files].filter(([path]) => path.startsWith("src/") && CODE.test(path));
  return new Map(
    code.map(([path, text]) => {
      const near = importsOf(text).filter((imported) => imported.startsWith("."));
      return [path, near.map((imported) => join(dirname(path), imported))];
    }),
  );
}

function crowded(arrows: ReadonlyMap<string, unknown>): string[] {
  const counts = new Map<string, number>();
  for (const path of arrows.keys()) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].flatMap(([folder, count]) => {
    const most = CROWDED.get(folder) ?? MOST_FILES;
    return count > most
      ? [`${folder}: ${count} files, at most ${most}. Divide it into folders, each with one idea.`]
      : [];
  });
}

function floors(arrows: ReadonlyMap<string, readonly string[]>): string[] {
  return [...arrows].flatMap(([path, targets]) => {
    const [, room = ""] = path.split("/");
    const order = FLOORS[room];
    if (!order) return [];
    const own = folderIn(room, path);
    if (!order.includes(own))
      return [`${path}: src/${room}/${own} has no place in floors.ts. Add it to the row of ${room}.`];
    return targets.flatMap((target) => {
      const other = folderIn(room, target);
      if (!target.startsWith(`src/${room}/`) || order.indexOf(other) <= order.indexOf(own)) return [];
      return [
        `${path}: imports ${target}, but ${own} stands before ${other} in ${room} (floors.ts). Move the code to where it belongs, or declare a small port.`,
      ];
    });
  });
}

/** The folder of a room in which a file stands; "." where it stands in the room itself. */
function folderIn(room: string, path: string): string {
  return path.slice(`src/${room}/`.length).split("/").slice(0, -1)[0] ?? ".";
}

/** Each circle once: the files on the way from one file of it back to itself. */
function circles(arrows: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const way: string[] = [];
  const found: string[] = [];
  const enter = (path: string): void => {
    const at = way.indexOf(path);
    if (at >= 0) found.push([...way.slice(at), path].join(" → "));
    if (at >= 0 || done.has(path)) return;
    way.push(path);
    for (const target of arrows.get(path) ?? []) enter(target);
    way.pop();
    done.add(path);
  };
  for (const path of arrows.keys()) enter(path);
  return found.map(
    (circle) => `${circle}: these files import each other in a circle. Move what both need into a file of its own.`,
  );
}
