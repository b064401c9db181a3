import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { LONGEST, longestFirst } from "../../support/processes/longest-first.ts";

test("the long files begin, each in its project, and the others stay as they were", () => {
  const file = (project: string, name: string) => ({
    project: { name: project },
    moduleId: `/home/test/${name}.test.ts`,
  });
  const files = [
    ...[file("workers", "workers/cors"), file("workers", "workers/access-table"), file("workers", "workers/bulk")],
    ...[file("process", "e2e/tour"), file("process", "e2e/attacks"), file("process", "e2e/launch")],
  ];
  expect(longestFirst(files)).toEqual([1, 0, 2, 5, 3, 4].map((place) => files[place]));
});

test("the files that are said to be long are there", () => {
  expect(LONGEST.filter((path) => !existsSync(path))).toEqual([]);
});
