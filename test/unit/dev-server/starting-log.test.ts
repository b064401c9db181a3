import { describe, expect, it } from "vitest";
import { ModuleThrew, StartingLog } from "../../../src/dev-server/log/starting-log.ts";

const ownLine = (fields: object) => JSON.stringify({ at: "2026-11-28T01:00:00.000Z", level: "info", ...fields });
const HEALTH = ownLine({ message: "request", path: "/health", status: 200 });

describe("the log of a start", () => {
  it("keeps back what the launcher causes and says itself, and shows all else", () => {
    const log = new StartingLog();
    const kept = [HEALTH, ownLine({ message: "this deployment cannot serve", error: "2 faults" })];
    expect(kept.map((line) => log.hear(line))).toEqual([true, true]);
    const shown = [
      "hello",
      '{"at":',
      ownLine({ message: "a try failed" }),
      ownLine({ message: "request", path: "/x" }),
    ];
    expect(shown.map((line) => log.hear(line))).toEqual([false, false, false, false]);
    log.started();
    expect(log.hear(HEALTH)).toBe(false);
  });

  it("knows what a module threw, and keeps back what workerd says of the classes that are not there then", () => {
    const log = new StartingLog();
    expect(log.hear("service core:user:shop: Uncaught Error: no tea\n  at worker.js:9:7")).toBe(true);
    expect(log.hear('A DurableObjectNamespace in the config referenced the class "ExecutionActor", but no such')).toBe(
      true,
    );
    expect(log.thrown).toBe("Error: no tea\n  at worker.js:9:7");
  });
});

describe("a module that throws", () => {
  it("is told with its words, its frames, and the line of the project's own source", () => {
    const line = (file: string, number: number) =>
      file === "src/shop.ts" && number === 7 ? " throw tea; " : undefined;
    const { message } = new ModuleThrew("Error: no tea\n  at node_modules/a.js:1:1\n  at src/shop.ts:7:3", line);
    expect(message.split("\n")).toEqual([
      "The Worker cannot be loaded, because one of its modules throws: Error: no tea",
      "    at node_modules/a.js:1:1",
      "    at src/shop.ts:7:3",
      "    > 7 | throw tea;",
    ]);
  });
});
