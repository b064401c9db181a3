import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunDetails } from "../../../src/cli/run/envelope.ts";
import { logFiles, removeLogs, writeLog } from "../../../src/cli/run/log-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "errand-logs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const details = (timestamp: string): RunDetails => ({ timestamp, task_context: "Design an API" });
const names = () => readdirSync(join(folder, "agent_logs")).sort();
const read = (name: string) => JSON.parse(readFileSync(join(folder, "agent_logs", name), "utf8"));

describe("the log of a run", () => {
  it("is its details, named by agent and time in UTC, and once more as the latest", () => {
    const written = writeLog(folder, "api.designer", details("2025-10-23T14:30:00.123Z"));
    expect(names()).toEqual(["api.designer_20251023_143000.json", "api.designer_latest.json"]);
    expect(written.log_path).toBe(join(folder, "agent_logs/api.designer_20251023_143000.json"));
    expect(read("api.designer_20251023_143000.json")).toEqual(written);
    expect(read("api.designer_latest.json")).toEqual(written);
  });

  it("of a second run in the same second is another file, and the latest is the last one", () => {
    writeLog(folder, "api.designer", details("2025-10-23T14:30:00.123Z"));
    const second = writeLog(folder, "api.designer", { ...details("2025-10-23T14:30:00.900Z"), task_context: "again" });
    expect(names()).toContain("api.designer_20251023_143000_2.json");
    expect(read("api.designer_20251023_143000.json").task_context).toBe("Design an API");
    expect(read("api.designer_latest.json")).toEqual(second);
  });

  it("stays in its folder, whatever the agent is called", () => {
    const { log_path: path } = writeLog(folder, "../../etc/x", details("2025-10-23T14:30:00Z"));
    expect(path).toBe(join(folder, "agent_logs/.._.._etc_x_20251023_143000.json"));
  });
});

describe("the list of logs", () => {
  it("has the newest first, of all agents or of one, and nothing that is no log", () => {
    for (const [agent, at] of [
      ["api.designer", "2025-10-23T14:30:00Z"],
      ["api.designer", "2025-10-23T14:30:00Z"],
      ["api.analyzer", "2025-10-24T00:00:00Z"],
    ] as const)
      writeLog(folder, agent, details(at));
    writeFileSync(join(folder, "agent_logs/notes_20251399_999999.json"), "{}");
    writeFileSync(join(folder, "agent_logs/notes.json"), "{}");
    const found = logFiles(folder).map(({ agent, atMs, turn }) => [agent, new Date(atMs).toISOString(), turn]);
    expect(found).toEqual([
      ["api.analyzer", "2025-10-24T00:00:00.000Z", 1],
      ["api.designer", "2025-10-23T14:30:00.000Z", 2],
      ["api.designer", "2025-10-23T14:30:00.000Z", 1],
    ]);
    expect(logFiles(folder, "api.analyzer")).toHaveLength(1);
    expect(logFiles(join(folder, "none"))).toEqual([]);
  });

  it("loses what is removed, and the latest with the last one of its agent", () => {
    writeLog(folder, "api.designer", details("2025-10-23T14:30:00Z"));
    writeLog(folder, "api.designer", details("2025-10-24T14:30:00Z"));
    removeLogs(folder, logFiles(folder).slice(1));
    expect(names()).toEqual(["api.designer_20251024_143000.json", "api.designer_latest.json"]);
    removeLogs(folder, logFiles(folder));
    expect(names()).toEqual([]);
  });
});
