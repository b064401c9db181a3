/** The rows about what agents remember: a key that is set, and one that is read, beside one write to one bare object. */
import type { Contender } from "./contest.ts";
import type { Goal, Reported } from "./row.ts";
import { atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import { fight } from "./rows-executions.ts";
import { floor } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** Each slice has a memory of its own, as each slice of the floor has an object of its own. */
function memoryCall(subject: Subject, verb: "set" | "get"): Contender {
  return {
    subject,
    makesObjects: false,
    prepare: async (slice) => {
      const headers = { ...subject.caller.headers, "content-type": "application/json", "x-session-id": slice };
      const asked = (path: string, body: object) => ({
        url: `${subject.url}/api/v1/memory/${path}`,
        method: "POST" as const,
        headers,
        body: JSON.stringify({ key: "k", scope: "session", ...body }),
      });
      const set = asked("set", { data: { remembered: "something of a usual size" } });
      await (await fetch(set.url, set)).text();
      return { ...(verb === "set" ? set : asked("get", {})), expected: 200 };
    },
    settled: async () => {},
  };
}

export async function remembering(setting: Setting): Promise<Reported[]> {
  const goals: Readonly<Record<"set" | "get", Goal>> = { set: atMost(2.5, 1.5), get: atMost(1.5, 1) };
  const reported: Reported[] = [];
  for (const verb of ["set", "get"] as const) {
    const { lines } = await fight(setting, {
      op: `memory ${verb}`,
      concurrency: 1,
      ours: (subject) => memoryCall(subject, verb),
      theirs: floor(setting.stage, "/one"),
      floorName: "one write",
      rowsWritten: null,
      judged: "p50",
      goal: goals[verb],
    });
    reported.push(...lines);
  }
  return reported;
}
