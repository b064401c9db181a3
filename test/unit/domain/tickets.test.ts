/** What a shard needs of this version of the code to begin a ticket. */
import { expect, test } from "vitest";
import type { Ticket } from "../../../src/domain/intake/ticket.ts";
import { unknownFunction } from "../../../src/domain/intake/ticket.ts";

const agents = new Map([["shop", { functions: new Set(["quote"]) }]]);

function ticketOf(agent: string, fn: string, more: object = {}): Pick<Ticket, "origin"> {
  return { origin: { agent, fn, ...more } as Ticket["origin"] };
}

test("a function of this code is known, another one is named", () => {
  expect(unknownFunction(ticketOf("shop", "quote"), agents)).toBeUndefined();
  expect(unknownFunction(ticketOf("shop", "sell"), agents)).toContain("no function shop.sell");
  expect(unknownFunction(ticketOf("ghost", "quote"), agents)).toContain("no function ghost.quote");
});

test("a run of a manifest needs no function of this code, and only where it is marked as one", () => {
  expect(unknownFunction(ticketOf("text.counter", "run", { manifest: true }), agents)).toBeUndefined();
  expect(unknownFunction(ticketOf("text.counter", "run"), agents)).toContain("no function text.counter.run");
});

test("a call of a node needs no function of this code", () => {
  const remote = { dispatchMs: 1_000 };
  expect(unknownFunction(ticketOf("elsewhere", "quote", { remote }), agents)).toBeUndefined();
});
