/** Mutations of the rules: what is decided, what follows from it, and what the log is folded to. */
import type { Mutation } from "./mutation.ts";

const inFile = (path: string, mutations: readonly Omit<Mutation, "path">[]): Mutation[] =>
  mutations.map((mutation) => ({ ...mutation, path: `src/domain/${path}` }));

export const DOMAIN_MUTATIONS: readonly Mutation[] = [
  ...inFile("decide/recovery.ts", [
    {
      name: "recoveries-without-end",
      breaks: "E7",
      before: "return withoutProgress > allowed",
      after: "return withoutProgress > allowed + 1_000_000",
    },
  ]),
  ...inFile("decide/external.ts", [
    {
      name: "what-is-lost-begins-again-although-it-is-not-safe",
      breaks: "P2",
      before: "return idempotent === true && attempt",
      after: "return idempotent !== undefined || attempt",
    },
  ]),
  ...inFile("fold/messages.ts", [
    {
      name: "receivers-do-not-hear-of-an-end",
      breaks: "P3",
      before: "if (!after.held) return [];",
      after: "if (!after.held || seq > 0) return [];",
    },
  ]),
  ...inFile("fold/recorded.ts", [
    {
      name: "notes-of-people-are-entries-of-the-program",
      breaks: "E9",
      before: "if (event.data.key !== undefined) index.recorded.add(event.data.key);",
      after: 'index.recorded.add(event.data.key ?? "note");',
    },
  ]),
  ...inFile("fold/entries.ts", [
    {
      name: "completions-in-another-order",
      breaks: "E1",
      before: "index.completions.push(entry.key);",
      after: "index.completions.unshift(entry.key);",
    },
    {
      name: "an-entry-finishes-twice",
      breaks: "J1",
      before: 'if (!entry || entry.status === "done") return;\n  close(index',
      after: "if (!entry) return;\n  close(index",
    },
  ]),
  ...inFile("fold/activities.ts", [
    {
      name: "a-signal-is-taken-twice",
      breaks: "J1",
      before: "signalBytes: takeSignal(index, signalSeq) };",
      after: "signalBytes: 0 };",
    },
    {
      name: "a-permission-is-forgotten",
      breaks: "P2",
      before: '{ ...entry, status: "open", retryGranted: true, probing: false }',
      after: '{ ...entry, status: "open", probing: false }',
    },
    {
      name: "failed-tries-do-not-count",
      breaks: "W2",
      before: "const failures = (known?.failures ?? 0) + 1;",
      after: "const failures = 1;",
    },
  ]),
  ...inFile("fold/child-entries.ts", [
    {
      name: "a-draw-is-not-set-aside",
      breaks: "P4",
      before: "(entry) => ({ ...entry, reserve: plus(entry.reserve, data.amount) })",
      after: "(entry) => entry",
    },
  ]),
  ...inFile("decide/finish-entry.ts", [
    {
      name: "a-turn-is-settled-without-giving-back",
      breaks: "B2",
      before: "return { usage: command.usage, release: known?.reserve ?? NOTHING };",
      after: "return { usage: command.usage, release: known ? NOTHING : NOTHING };",
    },
  ]),
  ...inFile("decide/engine.ts", [
    {
      name: "a-finished-entry-begins-again",
      breaks: "D2",
      before: "if (known && known.attempt >= command.attempt) return accepted();",
      after: "",
    },
    {
      name: "begins-while-paused",
      breaks: "E6",
      before: 'if (begins && ((state.status !== "running" && state.status !== "waiting") || awaitsRequested(state)))',
      after: 'if (begins && state.status === "queued")',
    },
    {
      name: "begins-when-no-time-is-left",
      breaks: "P4",
      before: "const over = begins ? expired(view, now) : [];",
      after: "const over: NewEvent[] = now < 0 ? expired(view, now) : [];",
    },
    {
      name: "an-interrupted-turn-is-free",
      breaks: "P4",
      before: "const forfeited = known && command.reserve ? known.reserve : NOTHING;",
      after: "const forfeited = known && NOTHING ? NOTHING : NOTHING;",
    },
    {
      name: "a-turn-passes-its-budget",
      breaks: "P4",
      before: "const beyond = beyondLimit(view, command.reserve, now);",
      after: "const beyond = beyondLimit(view, NOTHING, now);",
    },
    {
      name: "an-effect-begins-again-unasked",
      breaks: "P2",
      before:
        'if ("retryGranted" in known && known.retryGranted) return true;\n  if (known.status === "backing_off" && !known.timedOut) return true;',
      after: 'if ("retryGranted" in known && known.retryGranted) return false;',
    },
    {
      name: "late-results-are-not-written-down",
      breaks: "D3",
      before:
        'if (command.type === "finish_entry") return finishEntry(view, command);\n  if (isTerminal(state.status))',
      after:
        'if (command.type === "finish_entry" && !isTerminal(state.status)) return finishEntry(view, command);\n  if (isTerminal(state.status))',
    },
    {
      name: "a-buffered-signal-is-not-taken",
      breaks: "P1",
      before: "if (received === signal) return",
      after: "if (received === undefined) return",
    },
    {
      name: "a-child-is-started-twice",
      breaks: "D2",
      before: "if (view.index().entries.has(data.key) || view.index().keyOfChild.has(data.childId)) return accepted();",
      after: "",
    },
  ]),
  ...inFile("decide/decide.ts", [
    {
      name: "a-second-start-makes-another-execution",
      breaks: "D2",
      before:
        "if (state.origin.digest === command.origin.digest)\n    return state.archivedAtMs === undefined ? accepted(...turnCome(state, command)) : gone(state);",
      after: "",
    },
    {
      name: "what-has-ended-is-cancelled",
      breaks: "D3",
      before: 'if (!isLegal("cancel", live)) return illegal(live.state, "be cancelled");',
      after: "",
    },
    {
      name: "timers-act-while-paused",
      breaks: "E6",
      before: "if (!timerActs(state, name)) return accepted();",
      after: "",
    },
    {
      name: "a-signal-wakes-nobody",
      breaks: "P1",
      before: "const wait = waits.get(name)?.take();",
      after: "const wait = waits.get(name + ' ')?.take();",
    },
    {
      name: "a-backoff-wakes-nobody",
      breaks: "P1",
      before: 'const resting = timer.kind === "retry" && state.suspended !== undefined;',
      after: "const resting = false;",
    },
    {
      name: "a-sleep-ends-twice",
      breaks: "J1",
      before: 'if (!entry || entry.status === "done") return accepted();\n  if (timer.kind === "sleep"',
      after: 'if (!entry) return accepted();\n  if (timer.kind === "sleep"',
    },
  ]),
  ...inFile("decide/approval.ts", [
    {
      name: "a-decision-counts-for-any-gate",
      breaks: "P6",
      before: "return approval ? { approval } : { answer: decidedBefore(view, gateId) };",
      after:
        "const [other] = view.approvals.first(1);\n    return approval ?? other ? { approval: (approval ?? other) as OpenApproval } : { answer: decidedBefore(view, gateId) };",
    },
    {
      name: "a-decision-about-something-else-is-taken",
      breaks: "P6",
      before: "if (digest !== undefined && digest !== approval.digest)",
      after: "if (digest !== undefined && digest === approval.key)",
    },
    {
      name: "an-expired-gate-expires-again",
      breaks: "P6",
      before: "  if (!approval) return accepted();\n  const { key, kind, openedSeq }",
      after:
        "  if (!approval) return accepted({ type: 'gate.expired', data: { key: gateId, gateId, kind: 'pause' } });\n  const { key, kind, openedSeq }",
    },
    {
      name: "a-rejection-ends-nothing",
      breaks: "P6",
      before: 'if (command.decision === "rejected" && approval.onReject === "cancel") {',
      after: 'if (command.decision === "rejected" && approval.onReject === "choose") {',
    },
    {
      name: "excluded-people-decide",
      breaks: "G3",
      before: "if (approvers && !approvers.includes(by))",
      after: "if (approvers && approvers.length === 0)",
    },
    {
      name: "an-approval-from-outside-holds-nothing",
      breaks: "E6",
      before: "return accepted(...toRunning(state), opened, WAITING_FOR_APPROVAL);",
      after: "return accepted(...toRunning(state), opened);",
    },
  ]),
  ...inFile("decide/approval-meant.ts", [
    {
      name: "a-repeated-decision-is-refused",
      breaks: "G2",
      before: "if (mark?.decision !== undefined) return already(gateId);",
      after: "",
    },
  ]),
  ...inFile("decide/doubt.ts", [
    {
      name: "a-resolved-doubt-is-resolved-again",
      breaks: "P2",
      before: "if (!approval) return { answer: decidedBefore(view, gateId) };",
      after:
        'const [next] = view.approvals.first(1);\n    if (!approval) return next?.kind === "review" ? { approval: next } : { answer: decidedBefore(view, gateId) };',
    },
    {
      name: "a-result-that-a-person-knows-is-lost",
      breaks: "P2",
      before: "const output = answer.output ?? null;",
      after: "const output = null;",
    },
  ]),
  ...inFile("decide/child.ts", [
    {
      name: "a-child-ends-twice",
      breaks: "J1",
      before: '  if (entry.status === "done") {\n    const rests',
      after: '  if (entry.status === "in_doubt") {\n    const rests',
    },
    {
      name: "an-overtaken-letter-is-believed",
      breaks: "V3",
      before:
        'if (entry?.kind !== "child" || entry.status === "done" || seq <= (entry.childSeq ?? 0)) return accepted();',
      after: 'if (entry?.kind !== "child" || entry.status === "done") return accepted();',
    },
    {
      name: "a-draw-counts-twice",
      breaks: "P4",
      before: "return minus(amount, index.draws.get(drawId) ?? NOTHING);",
      after: "return minus(amount, index.draws.get(drawId + ' ') ?? NOTHING);",
    },
    {
      name: "children-draw-beyond-the-budget",
      breaks: "P4",
      before: "const limit = exceededLimit(state, amount);",
      after: "const limit = exceededLimit(state, NOTHING);",
    },
    {
      name: "a-cancelled-parent-takes-children-on",
      breaks: "P3",
      before: 'if (state.status === "cancelled") return refuse("parent_refused", ended);',
      after: "",
    },
  ]),
  ...inFile("decide/restart.ts", [
    {
      name: "a-page-of-offers-is-taken-twice",
      breaks: "D2",
      before: "if (state.inherits?.offset !== offset || !state.origin.restartedFrom) return accepted();",
      after: "if (!state.origin.restartedFrom) return accepted();",
    },
    {
      name: "what-runs-is-followed",
      breaks: "P2",
      before: 'if (!isLegal("restart", view))',
      after: 'if (state.status === "pending")',
    },
  ]),
  ...inFile("decide/program.ts", [
    {
      name: "one-deployment-tries-for-ever",
      breaks: "E3",
      before: "if (!isProgramChanged(state) || state.triedBy === deployment) return accepted();",
      after: "if (!isProgramChanged(state)) return accepted();",
    },
  ]),
  ...inFile("execution/hold.ts", [
    {
      name: "a-pause-holds-nothing",
      breaks: "E6",
      before: 'return state.status === "paused" || state.status === "blocked" || awaitsRequested(state);',
      after: 'return state.status === "blocked" || awaitsRequested(state);',
    },
  ]),
  ...inFile("execution/rest.ts", [
    {
      name: "a-person-is-waited-for-although-time-goes-on",
      breaks: "P1",
      before: 'if (counts.sleep > 0) return { kind: "world", reason: "sleeping" };',
      after: "",
    },
  ]),
  ...inFile("fold/reactions.ts", [
    {
      name: "a-sleep-has-no-timer",
      breaks: "C1",
      before: "if (wakeAtMs !== undefined)\n        setTimers.push",
      after: "if (wakeAtMs !== undefined && attempt > 1)\n        setTimers.push",
    },
    {
      name: "a-gate-never-expires",
      breaks: "P8",
      before: "return expiresAtMs === undefined\n        ? none",
      after: "return expiresAtMs !== undefined\n        ? none",
    },
  ]),
  ...inFile("fold/messages.ts", [
    {
      name: "children-outlive-their-parent",
      breaks: "P3",
      before: 'messages.push(...cancelBelow(seq, change, after.status === "cancelled"), ',
      after:
        'messages.push(...cancelBelow(seq, { ...change, after: { ...after, openChildren: 0 } }, after.status === "cancelled"), ',
    },
    {
      name: "an-end-is-told-before-those-below-have-ended",
      breaks: "P3",
      before: 'return awaitsChildren(after, index) ? [] : [{ to: "parent", verb: "finished", seq }];',
      after: 'return [{ to: "parent", verb: "finished", seq }];',
    },
    {
      name: "the-parent-does-not-hear-of-a-wait",
      breaks: "P1",
      before: 'after.origin.owned && (before?.status === "waiting") !== (after.status === "waiting")',
      after: "after.origin.owned && before === undefined",
    },
    {
      name: "the-registry-is-not-told",
      breaks: "P5",
      before: 'const messages: OutboxEntry[] = [{ to: "registry", seq }];',
      after: "const messages: OutboxEntry[] = [];",
    },
    {
      name: "the-registry-keeps-an-open-approval",
      breaks: "P6",
      before: 'return openedSeq === undefined ? [] : [{ to: "approval", openedSeq, seq }];',
      after: 'return openedSeq !== undefined ? [] : [{ to: "approval", openedSeq: seq, seq }];',
    },
    {
      name: "a-follower-begins-before-those-below-have-ended",
      breaks: "P3",
      before: "if (after.restartedAs === undefined || awaitsChildren(after, index)) return [];",
      after: "if (after.restartedAs === undefined) return [];",
    },
  ]),
  ...inFile("fold/lifecycle.ts", [
    {
      name: "an-end-is-overwritten",
      breaks: "P5",
      before: "if (isTerminal(state.status)) return event.type",
      after: "if (event.seq < 0) return event.type",
    },
  ]),
  ...inFile("fold/evolve.ts", [
    {
      name: "what-a-turn-used-is-not-counted",
      breaks: "P4",
      before: "spent: data.usage ? plus(state.spent, data.usage) : state.spent,",
      after: "spent: state.spent,",
    },
  ]),
  ...inFile("fold/child.ts", [
    {
      name: "what-a-child-used-is-not-counted",
      breaks: "P4",
      before: "const spent = plus(state.spent, event.data.usage);",
      after: "const spent = plus(state.spent, NOTHING);",
    },
  ]),
  ...inFile("fold/active-clock.ts", [
    {
      name: "progress-does-not-reset-recoveries",
      breaks: "E7",
      before: "const known = recoveriesWithoutProgress === 0 ? state : { ...state, recoveriesWithoutProgress: 0 };",
      after: "const known = recoveriesWithoutProgress === 0 ? state : state;",
    },
    {
      name: "the-active-clock-runs-while-waiting",
      breaks: "P8",
      before: "return { ...facts, activeUsedMs };",
      after: "return { ...facts, activeUsedMs: activeUsedMs * 0 };",
    },
  ]),
  ...inFile("execution/timer.ts", [
    {
      name: "a-deadline-waits-for-an-operator",
      breaks: "E6",
      before: 'return kind === "deadline" || kind === "files";',
      after: 'return kind === "files";',
    },
  ]),
  ...inFile("execution/event-text.ts", [
    {
      name: "what-newer-code-wrote-is-refused",
      breaks: "V2",
      before: "if (!isEventType(type)) return raw as Event;",
      after: "if (!isEventType(type)) throw new Error('unknown event');",
    },
  ]),
];
