import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** The files that take longest, longest first, as measured on 2026-11-27. On a fresh clone vitest knows no times yet. */
export const LONGEST = [
  ...["workers/hostile-tenants", "workers/access-table", "workers/scenarios", "workers/restarts", "workers/roles"],
  ...["e2e/launch", "crash/restart", "e2e/command", "long/package", "long/dashboard-pages", "long/worst-bodies"],
  ...[
    "e2e/dashboard",
    "crash/larry",
    "crash/examples",
    "crash/nested-nodes",
    "e2e/wrong-definitions",
    "e2e/docs-blocks",
  ],
  ...["e2e/streams", "e2e/encryption", "crash/agentic", "e2e/command-run", "e2e/tour", "e2e/watching", "crash/bulk"],
].map((name) => `test/${name}.test.ts`);

/** Begins with the longest files of each project, so that no core waits for one of them at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}

/** Projects stay in their order, and all other files too. */
export function longestFirst<
  File extends Pick<TestSpecification, "moduleId"> & { readonly project: { readonly name: string } },
>(files: readonly File[]): File[] {
  const projects = [...new Set(files.map(({ project }) => project.name))];
  const rank = ({ moduleId }: File): number => {
    const place = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
    return place < 0 ? LONGEST.length : place;
  };
  const order = (file: File): number => projects.indexOf(file.project.name) * (LONGEST.length + 1) + rank(file);
  return files.toSorted((a, b) => order(a) - order(b));
}
