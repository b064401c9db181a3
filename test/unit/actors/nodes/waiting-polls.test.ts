/** Which polls are woken by an offer, in which order, and to whom work is passed on that nobody takes. */
import { describe, expect, it } from "vitest";
import type { Able } from "../../../../src/actors/nodes/waiting-polls.ts";
import { WAKE, WaitingPolls } from "../../../../src/actors/nodes/waiting-polls.ts";
import type { WorkOffer } from "../../../../src/domain/node/work-offer.ts";

const ABLE: Able = { isActive: true, role: null, does: new Set(["send_email"]) };

/** Sockets of agents that wait, in the order in which they came. */
function waiting(...agents: readonly (readonly [id: string, able?: Partial<Able>])[]) {
  const woken: string[] = [];
  const sockets = agents.map(([id], sinceMs) => ({
    id,
    deserializeAttachment: () => sinceMs,
    readyState: 1,
    send: (word: string) => void woken.push(word === WAKE ? id : word),
  }));
  const timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let nowMs = 0;
  let seq = 0;
  const tagOf = (socket: unknown) => `poll:${(socket as { readonly id: string }).id}`;
  const polls = new WaitingPolls({
    ctx: {
      acceptWebSocket: () => {},
      getTags: (socket) => [tagOf(socket)],
      getWebSockets: (tag) =>
        sockets.filter((socket) => tag === undefined || tagOf(socket) === tag).reverse() as unknown as WebSocket[],
    },
    able: (id) => {
      const found = agents.find(([agent]) => agent === id);
      return found && { ...ABLE, ...found[1] };
    },
    now: () => nowMs,
    after: (ms, run) => void timers.push({ atMs: nowMs + ms, run }),
  });
  const taken = () => woken.splice(0);
  return {
    isWaiting: (id: string) => polls.isWaiting(id),
    close: (id: string) => {
      for (const socket of sockets) if (socket.id === id) socket.readyState = 3;
    },
    hear: (more: Partial<WorkOffer> = {}) => {
      seq += 1;
      const usual = { tenant: "t", executionId: "a", isOpen: true, actions: ["send_email"], agents: [] };
      polls.hear({ ...usual, ready: 1, roles: [], lapses: [], createdAtMs: 0, seq, ...more });
      return taken();
    },
    later: (ms: number) => {
      nowMs += ms;
      for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
      return taken();
    },
  };
}

describe("an offer wakes", () => {
  it("as many polls as there are subtasks ready, the longest waiting first", () => {
    expect(waiting(["larry"], ["moe"], ["curly"]).hear()).toEqual(["larry"]);
    expect(waiting(["larry"], ["moe"], ["curly"]).hear({ ready: 2 })).toEqual(["larry", "moe"]);
  });

  it("first those of the role that a task asks for", () => {
    const polls = waiting(["larry"], ["moe", { role: "Business Analyst" }]);
    expect(polls.hear({ roles: ["Business Analyst"] })).toEqual(["moe"]);
  });

  it("nobody who cannot do it, is not active, is not meant, or has hung up", () => {
    const polls = waiting(["larry", { does: new Set(["fly"]) }], ["moe", { isActive: false }], ["gone"]);
    expect(polls.isWaiting("gone")).toBe(true);
    polls.close("gone");
    expect(polls.isWaiting("gone")).toBe(false);
    expect(polls.hear({ ready: 3 })).toEqual([]);
    expect(waiting(["larry"], ["moe"]).hear({ agentId: "moe", ready: 2 })).toEqual(["moe"]);
  });

  it("the agents that have to hear of a stop, also where nothing is ready", () => {
    const polls = waiting(["larry"], ["moe", { isActive: false }]);
    expect(polls.hear({ ready: 0, actions: [], agents: ["moe"] })).toEqual(["moe"]);
  });
});

describe("work that a woken poll does not take", () => {
  it("is passed on after a quarter of a second, until each has heard of it", () => {
    const polls = waiting(["larry"], ["moe"], ["curly"]);
    expect(polls.hear()).toEqual(["larry"]);
    expect([polls.later(100), polls.later(150), polls.later(250), polls.later(250)]).toEqual([
      [],
      ["moe"],
      ["curly"],
      [],
    ]);
  });

  it("is not passed on once it is taken", () => {
    const polls = waiting(["larry"], ["moe"]);
    expect(polls.hear()).toEqual(["larry"]);
    expect(polls.hear({ ready: 0, actions: [] })).toEqual([]);
    expect(polls.later(300)).toEqual([]);
  });

  it("is said again to those that heard of it, when its execution has spoken since", () => {
    const polls = waiting(["larry"]);
    expect([polls.hear(), polls.hear(), polls.later(250)]).toEqual([["larry"], [], ["larry"]]);
  });
});
