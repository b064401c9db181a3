/** Who may do what with an execution: each kind of principal, each verb. */
import { describe, expect, it, test } from "vitest";
import type { Held, Verb } from "../../../src/domain/execution/access.ts";
import { approvalsListedFor, listedFor, mayAct, owns, VERBS } from "../../../src/domain/execution/access.ts";
import type { Principal, Scope } from "../../../src/domain/execution/principal.ts";
import { Scope as Scopes } from "../../../src/domain/execution/principal.ts";

const of = (subject: string, scopes: readonly Scope[], tenant = "acme"): Principal => ({ tenant, subject, scopes });

/** Olga's, dispatched to a node of Nora's, begun by a key of Carl's node under another execution of Olga's. */
const THEIRS: Held = {
  ...{ tenant: "acme", owner: "olga", createdBy: "carl", node: { id: "n", subject: "nora" } },
  lease: { subject: "lea" },
};
const USER = Scopes.options.filter((scope) => scope !== "admin");
const ALL = VERBS.join(" ");
const WORK = "read see_approval annotate ask_approval start_child report remember";

/** Each verb that the principal may use; none for who must not know that the execution is there. */
const TABLE: readonly (readonly [who: string, principal: Principal, verbs: string])[] = [
  ["the owner", of("olga", ["read", "execute"]), ALL],
  ["the owner with a key that reads", of("olga", ["read"]), ALL],
  ["the owner with the key of a node that works on something else", of("olga", ["agent"]), ""],
  ["an administrator", of("ada", ["admin"]), ALL],
  ["the runtime", of("system", ["admin"]), ALL],
  ["an approver", of("ivan", ["approve"]), "see_approval decide"],
  ["a colleague with every scope but admin", of("ivan", USER), "see_approval decide"],
  ["a colleague who reads and starts", of("ivan", ["read", "execute"]), ""],
  ["the node that works on it", of("nora", ["agent"]), WORK],
  ["the node that works on it, which starts roots too", of("nora", ["agent", "execute"]), WORK],
  ["the node's owner with a key that is no node's", of("nora", ["read", "execute"]), ""],
  ["who holds its lease", of("lea", ["agent"]), WORK],
  ["another node", of("nemo", ["agent"]), ""],
  ["a node that is named as the node is", of("n", ["agent"]), ""],
  ["the node that called it", of("carl", ["agent"]), "read see_approval cancel"],
  ["the caller with a key that is no node's", of("carl", ["read", "execute"]), ""],
  ["an administrator of another tenant", of("ada", ["admin"], "rival"), ""],
  ["the owner's namesake in another tenant", of("olga", USER, "rival"), ""],
  ["the node's namesake in another tenant", of("nora", ["agent"], "rival"), ""],
  ["the caller's namesake in another tenant", of("carl", ["agent"], "rival"), ""],
  ["a key without scopes", of("ivan", []), ""],
];

test.each(TABLE)("%s", (_who, principal, verbs) => {
  const allowed = VERBS.filter((verb) => mayAct(principal, verb, THEIRS));
  expect(allowed.join(" ")).toBe(verbs);
});

describe("an execution that no node works on", () => {
  const local: Held = { tenant: "acme", owner: "olga" };
  const ACTORS = ["nora", "lea", "carl", "olga"].map((subject) => of(subject, ["agent"]));
  it.each(VERBS)("opens no node's key: %s", (verb: Verb) => {
    expect(ACTORS.filter((principal) => mayAct(principal, verb, local))).toEqual([]);
  });
});

test("a thing that simply is a subject's is its owner's and administrators', in its tenant", () => {
  const thing = { tenant: "acme", owner: "olga" };
  const who = [
    of("olga", ["agent"]),
    of("ada", ["admin"]),
    of("ivan", USER),
    of("olga", USER, "rival"),
    of("ada", ["admin"], "rival"),
  ];
  expect(who.map((principal) => owns(principal, thing))).toEqual([true, true, false, false, false]);
});

test("lists show an administrator the tenant, and a user what is the user's", () => {
  expect(listedFor(of("ada", ["admin"]))).toEqual({ tenant: "acme" });
  expect(listedFor(of("olga", USER))).toEqual({ tenant: "acme", owner: "olga" });
  expect(approvalsListedFor(of("ada", ["admin", "approve"]))).toEqual({ tenant: "acme" });
  expect(approvalsListedFor(of("ivan", ["approve"]))).toEqual({ tenant: "acme", ownerOfClosed: "ivan" });
  expect(approvalsListedFor(of("olga", ["read"]))).toEqual({ tenant: "acme", owner: "olga" });
});
