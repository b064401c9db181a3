/** Which approval a decision is for, who may decide, and what a repetition is told: as `decide` sees it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  DecideApproval,
  OpenApprovalCommand,
  RequestApproval,
  ResolveEffect,
} from "../../../src/domain/execution/approval-command.ts";
import type { Log } from "../../support/log.ts";
import { running } from "../../support/log.ts";

const rest = { type: "come_to_rest" } as const;
const gate = (gateId: string, more: Partial<OpenApprovalCommand> = {}): OpenApprovalCommand => ({
  type: "open_gate",
  key: `key of ${gateId}`,
  name: "ask",
  gateId,
  kind: "pause",
  payload: { gateId },
  payloadDigest: `digest of ${gateId}`,
  onReject: "continue",
  ...more,
});
const asked = (gateId: string, more: Partial<RequestApproval> = {}): RequestApproval => ({
  type: "request_approval",
  gateId,
  payload: null,
  payloadDigest: "d",
  expiresAtMs: 1e9,
  claimedUntilMs: 1e9,
  by: "eve",
  ...more,
});
const decision = (more: Partial<DecideApproval> = {}): DecideApproval => ({
  type: "decide_gate",
  decision: "approved",
  by: "bob",
  request: `bob ${more.decision ?? "approved"}`,
  ...more,
});
const effect = (key: string) =>
  ({ type: "start_entry", key, kind: "effect", name: key, digest: "d", input: 1, attempt: 1 }) as const;
const again = (key: string, attempt: number) => ({ ...effect(key), attempt, recovered: true }) as const;
const doubt = (key: string, gateId: string) =>
  ({ type: "doubt_effect", key, gateId, payload: null, payloadDigest: `digest of ${gateId}` }) as const;

/** What a decision did: the approval it was taken for, its events, or its refusal. */
function heard(log: Log, command: DecideApproval | ResolveEffect) {
  const decided = log.dispatch(command);
  if (!decided.ok) return decided.code;
  return { gate: decided.gateId, events: decided.events.map(({ type }) => type) };
}
const WEBHOOK = { by: "webhook", signed: {} };
const nothing = (gateId: string) => ({ gate: gateId, events: [] });
const took = (gateId: string) =>
  expect.objectContaining({ gate: gateId, events: expect.arrayContaining(["gate.decided"]) });

describe("a decision without an id", () => {
  it("is for the only gate there ever was, also when it comes again", () => {
    const log = running();
    log.tell(gate("g1"), rest);
    expect(heard(log, decision())).toEqual(took("g1"));
    expect(heard(log, decision())).toEqual(nothing("g1"));
    expect(heard(log, decision({ by: "eve", request: "eve" }))).toEqual(nothing("g1"));
  });

  it("is refused with the open ones as soon as there was a second gate", () => {
    const log = running();
    log.tell(gate("g1"), gate("g2"), rest);
    const refused = log.dispatch(decision());
    expect(refused).toMatchObject({
      code: "approval_id_required",
      open: [
        { id: "g1", gateId: "g1", digest: "digest of g1" },
        { id: "g2", gateId: "g2", digest: "digest of g2" },
      ],
    });
    expect(heard(log, decision({ gateId: "g2" }))).toEqual(took("g2"));
    expect(heard(log, decision({ request: "another" }))).toBe("approval_id_required");
    expect(heard(log, decision({ gateId: "g1" }))).toEqual(took("g1"));
    expect(heard(log, decision({ request: "another" }))).toBe("no_open_gate");
  });

  it("that comes again is recognised, whatever opened since, and never decides that", () => {
    const log = running();
    log.tell(gate("g1"), rest);
    expect(heard(log, decision({ decision: "request_changes" }))).toEqual(took("g1"));
    log.tell(gate("g2"), rest);
    expect(heard(log, decision({ decision: "request_changes" }))).toEqual(nothing("g1"));
    expect(heard(log, decision({ decision: "approved" }))).toBe("approval_id_required");
    expect(heard(log, decision({ gateId: "g2", decision: "approved" }))).toEqual(took("g2"));
    expect(heard(log, decision({ decision: "request_changes" }))).toEqual(nothing("g1"));
  });

  it("is still taken for an approval from outside, while that alone is open", () => {
    const log = running();
    log.tell(asked("r1"));
    expect(heard(log, decision())).toEqual(took("r1"));
    log.tell(asked("r2"));
    expect(heard(log, decision())).toEqual(took("r2"));
    expect(heard(log, decision())).toEqual(nothing("r2"));
    log.tell(effect("e"), doubt("e", "g1"), rest);
    expect(heard(log, decision({ decision: "rejected" }))).toBe("approval_id_required");
  });

  it("finds nothing where nothing was asked, and says when it is over", () => {
    const log = running();
    expect(heard(log, decision())).toBe("no_open_gate");
    log.tell(gate("g1"), rest, { type: "cancel", by: "ann" });
    expect(heard(log, decision())).toBe("invalid_state");
    // Nobody decided it: with its id it is no repetition either.
    expect(heard(log, decision({ gateId: "g1" }))).toBe("invalid_state");
  });
});

const story = fc.array(
  fc.record({
    what: fc.constantFrom("open", "ask", "decide", "decide", "name", "expire"),
    pick: fc.nat(5),
    by: fc.constantFrom("bob", "eve"),
    word: fc.constantFrom("approved" as const, "rejected" as const, "request_changes" as const),
  }),
  { maxLength: 14 },
);

it("without an id decides only what it can mean, whatever came before", () => {
  fc.assert(
    fc.property(story, (told) => {
      const log = running();
      let opened = 0;
      for (const { what, pick, by, word } of told) {
        const id = `g${pick}`;
        if (what === "open" && log.tell(gate(id, { key: id })).includes("gate.opened")) opened += 1;
        if (what === "ask" && log.tell(asked(id)).includes("gate.opened")) opened += 1;
        if (what === "name") log.tell(decision({ gateId: id, decision: word, by, request: `${by} ${word}` }));
        if (what === "expire") log.tell({ type: "fire_timer", name: `gate:${id}` });
        if (what !== "decide") continue;
        const open = [...log.gates.values()];
        const [alone] = open;
        const mayMean = open.length === 1 && (opened === 1 || alone?.requested) ? alone?.gateId : undefined;
        const decided = log.dispatch(decision({ decision: word, by, request: `${by} ${word}` }));
        const events = decided.ok ? decided.events : [];
        const did = events.flatMap((event) => (event.type === "gate.decided" ? [event.data.gateId] : []));
        expect(did).toEqual(mayMean === undefined || !decided.ok ? [] : [mayMean]);
        expect(!decided.ok && decided.code === "approval_id_required").toBe(
          mayMean === undefined && open.length > 0 && !decided.ok,
        );
      }
      expect(log.violations()).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

describe("an answer to a doubt", () => {
  it("is for the doubt it names, and a repetition never answers the next one", () => {
    const log = running();
    log.tell(effect("e"), doubt("e", "d1"), rest);
    const retry = { type: "resolve_effect", gateId: "d1", resolution: "retry", by: "bob" } as const;
    expect(heard(log, retry)).toEqual(took("d1"));
    log.tell(again("e", 2), doubt("e", "d2"), rest);
    expect(heard(log, retry)).toEqual(nothing("d1"));
    expect(log.index.entries.get("e")?.status).toBe("in_doubt");
    expect(heard(log, { ...retry, gateId: "d2", resolution: "failed" })).toEqual(took("d2"));
    expect(log.violations()).toEqual([]);
  });

  it("without a name is taken while there was only one, and recognised when it comes again", () => {
    const log = running();
    log.tell(effect("e"), doubt("e", "d1"), rest);
    const retry = { type: "resolve_effect", resolution: "retry", by: "bob", request: "bob retry" } as const;
    expect(heard(log, retry)).toEqual(took("d1"));
    expect(heard(log, retry)).toEqual(nothing("d1"));
    log.tell(again("e", 2), doubt("e", "d2"), rest);
    expect(heard(log, retry)).toEqual(nothing("d1"));
    for (const other of [
      { request: "eve retry", by: "eve" },
      { request: "bob e", key: "e" },
    ])
      expect(heard(log, { ...retry, ...other })).toBe("approval_id_required");
    const refused = log.dispatch({ ...retry, request: "eve" });
    expect(refused).toMatchObject({ open: [{ id: "d2", gateId: "d2", digest: "digest of d2" }] });
  });

  it("may name an effect that was in doubt once, beside others", () => {
    const log = running();
    log.tell(effect("e"), effect("f"), doubt("e", "d1"), doubt("f", "d2"), rest);
    const failed = { type: "resolve_effect", resolution: "failed", by: "bob", request: "bob" } as const;
    expect(heard(log, { ...failed, request: "none" })).toBe("approval_id_required");
    expect(heard(log, { ...failed, key: "f" })).toEqual(took("d2"));
    expect(heard(log, { ...failed, key: "f", request: "eve" })).toEqual(nothing("d2"));
    expect(heard(log, { ...failed, key: "g", request: "bob g" })).toBe("no_open_gate");
    expect(heard(log, { ...failed, gateId: "d1", key: "f" })).toBe("invalid_input");
    expect(heard(log, { ...failed, gateId: "d1", key: "e" })).toEqual(took("d1"));
  });

  it("is none to an approval", () => {
    const log = running();
    log.tell(gate("g1"), rest);
    expect(heard(log, { type: "resolve_effect", gateId: "g1", resolution: "retry", by: "bob" })).toBe("no_open_gate");
    expect(heard(log, { type: "resolve_effect", gateId: "none", resolution: "retry", by: "bob" })).toBe("no_open_gate");
    expect(heard(log, { type: "resolve_effect", resolution: "retry", by: "bob" })).toBe("no_open_gate");
  });
});

describe("who may decide", () => {
  type Rules = Pick<RequestApproval, "approvers" | "fourEyes">;
  const cases: readonly [string, { rules: Rules; by: Partial<DecideApproval>; may: boolean }][] = [
    ["anybody, where nobody is named", { rules: {}, by: {}, may: true }],
    ["an approver", { rules: { approvers: ["bob", "eve"] }, by: {}, may: true }],
    ["nobody else, whoever it is", { rules: { approvers: ["bob"] }, by: { by: "ann" }, may: false }],
    ["not who started it, under four eyes", { rules: { fourEyes: true }, by: { by: "ann" }, may: false }],
    ["anybody else, under four eyes", { rules: { fourEyes: true }, by: {}, may: true }],
    ["a signed webhook, where nobody is named", { rules: {}, by: WEBHOOK, may: true }],
    ["no signed webhook where somebody is", { rules: { approvers: ["webhook"] }, by: WEBHOOK, may: false }],
    ["no signed webhook under four eyes", { rules: { fourEyes: true }, by: WEBHOOK, may: false }],
    ["no word that every object knows", { rules: { approvers: ["bob"] }, by: { by: "constructor" }, may: false }],
  ];
  it.each(cases)("%s", (_what, { rules, by, may }) => {
    for (const open of [gate("g1", rules), asked("g1", rules)]) {
      const log = running({ owner: "ann" });
      log.tell(open, rest);
      expect(heard(log, decision({ gateId: "g1", ...by }))).toEqual(may ? took("g1") : "forbidden_approver");
      expect(log.violations()).toEqual([]);
    }
  });

  it("is nobody where the only approver started it: that is refused when it is asked", () => {
    const rules = { approvers: ["ann"], fourEyes: true };
    for (const open of [gate("g1", rules), asked("g1", rules)])
      expect(running({ owner: "ann" }).tell(open)).toEqual(["invalid_input"]);
  });

  it("is checked on the log: a decision that the rules exclude violates P6", () => {
    const log = running({ owner: "ann" });
    log.tell(gate("g1", { fourEyes: true }), rest, decision({ gateId: "g1" }));
    const forged = structuredClone(log.events).map((event) =>
      event.type === "gate.decided"
        ? { ...event, data: { ...event.data, verdict: { ...event.data.verdict, decidedBy: "ann" } } }
        : event,
    );
    log.events.splice(0, log.events.length, ...(forged as typeof log.events));
    expect(log.violations().join()).toContain("P6");
  });
});

describe("a signed decision under an id that named an approval before", () => {
  const opened = () => {
    const log = running();
    log.now = 5_000;
    log.tell(asked("x", { reasked: true, payloadDigest: "now" }));
    return log;
  };
  const signed = (stampedAtMs?: number, more: Partial<DecideApproval> = {}) =>
    decision({ gateId: "x", by: "webhook", signed: stampedAtMs === undefined ? {} : { stampedAtMs }, ...more });

  it("is taken when it was stamped after this one opened, or carries its digest", () => {
    expect(heard(opened(), signed(6_000))).toEqual(took("x"));
    expect(heard(opened(), signed(undefined, { digest: "now" }))).toEqual(took("x"));
    expect(heard(opened(), decision({ gateId: "x" }))).toEqual(took("x"));
  });

  it("is refused otherwise", () => {
    for (const old of [undefined, 4_000, 5_000]) expect(heard(opened(), signed(old))).toBe("decision_too_old");
    expect(heard(opened(), signed(6_000, { digest: "before" }))).toBe("decision_mismatch");
  });

  it("needs no stamp where the id is new", () => {
    const log = running();
    log.tell(asked("x"));
    expect(heard(log, signed())).toEqual(took("x"));
  });
});
