import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/domain/execution/command.ts";
import { running } from "../../support/log.ts";

const wait = (key: string, signal = "go"): Command => ({
  ...{ type: "start_entry", key, kind: "signal", name: `signal:${signal}`, signal, attempt: 1 },
});
const tick = (key: string): Command => ({
  ...{ type: "finish_entry", key, kind: "step", name: "tick", attempt: 1, outcome: { ok: true, value: 1 } },
});
const go = (times: number): Command => ({
  type: "signal",
  signals: Array.from({ length: times }, (_, n) => ({ name: "go", data: n })),
  by: "ann",
});

/** Which waits so many signals answered, in order. */
function answered(commands: readonly Command[], signals: number): string[] {
  const log = running();
  log.tell(...commands, go(signals));
  return log.events.flatMap((event) =>
    event.type === "step.completed" && event.data.kind === "signal" ? [event.data.key] : [],
  );
}

describe("a signal answers", () => {
  it.each<[string, Command[], string[]]>([
    ["the oldest of several branches", [wait("a/w"), tick("t"), wait("b/w"), wait("c/w")], ["a/w", "b/w", "c/w"]],
    ["waits of one breath in their order", [wait("w"), wait("w#2"), wait("w#3")], ["w", "w#2", "w#3"]],
    ["what a branch asked last, after something was answered", [wait("w"), tick("t"), wait("w#2")], ["w#2", "w"]],
    [
      "the newest breath first, in its order",
      [wait("w"), tick("t"), wait("w#2"), wait("w#3"), tick("u"), wait("w#4")],
      ["w#4", "w#2", "w#3", "w"],
    ],
    [
      "each branch at its turn, with what it asked last",
      [wait("a/w"), wait("b/w"), tick("t"), wait("a/w#2"), wait("b/w#2")],
      ["a/w#2", "b/w#2", "a/w", "b/w"],
    ],
    ["no wait for another signal", [wait("w", "stop"), tick("t"), wait("x")], ["x"]],
  ])("%s", (_what, commands, order) => {
    expect(answered(commands, 5)).toEqual(order);
  });
});
