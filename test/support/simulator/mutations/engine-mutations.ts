/** Mutations of the engine: activations, tries, the journal, the outbox, budgets drawn and lent. */
import type { Mutation } from "./mutation.ts";

const inFile = (path: string, mutations: readonly Omit<Mutation, "path">[]): Mutation[] =>
  mutations.map((mutation) => ({ ...mutation, path: `src/engine/${path}` }));

export const ENGINE_MUTATIONS: readonly Mutation[] = [
  ...inFile("run-loop/standstill.ts", [
    { name: "delivers-while-held", breaks: "E6", before: "return still;", after: "return false;" },
  ]),
  ...inFile("run-loop/run-loop.ts", [
    {
      name: "delivers-without-rest",
      breaks: "E1",
      before: "await (this.#dirty ? this.world.drainMicrotasks() : undefined);",
      after: "await undefined;",
    },
    {
      name: "begins-before-the-log-is-matched",
      breaks: "E3",
      before: "if (first) return this.#awaitOwn(first.key);",
      after: "",
    },
    {
      name: "ends-although-the-log-holds-more",
      breaks: "E3",
      before: "if (first) return this.#block(notAskedFor(first.key));",
      after: "",
    },
    {
      name: "a-rest-ends-the-activation",
      breaks: "E5",
      before: "else suspend(this, this.#missing);",
      after: "else [suspend(this, this.#missing), this.close('drainMicrotasks')];",
    },
    {
      name: "a-finished-program-ends-while-asks-are-open",
      breaks: "P2",
      before: "!this.#missing && !this.#ending.isHeldUp(this.#operations.values())",
      after: "!this.#missing",
    },
  ]),
  ...inFile("program/branch.ts", [
    {
      name: "occurrences-are-not-counted",
      breaks: "E2",
      before: "const count = (this.#counts.get(name) ?? 0) + 1;",
      after: "const count = 1;",
    },
  ]),
  ...inFile("operations/submit.ts", [
    {
      name: "two-open-calls-of-one-name",
      breaks: "E2",
      before: "if (!unnamed && !branch.enter(name)) {",
      after: "if (!unnamed && !branch.enter(name) && name === undefined) {",
    },
  ]),
  ...inFile("operations/determinism.ts", [
    {
      name: "inputs-are-not-compared",
      breaks: "E3",
      before: "if (operation.digest !== undefined && entry.digest !== undefined && operation.digest !== entry.digest)",
      after: "if (operation.kind !== entry.kind)",
    },
  ]),
  ...inFile("operations/guard.ts", [
    {
      name: "a-leaf-may-ask",
      breaks: "E4",
      before: "  if (!inside) return;\n",
      after: "  if (inside === undefined || inside.name !== undefined) return;\n",
    },
  ]),
  ...inFile("activities/retry.ts", [
    {
      name: "what-is-not-safe-is-repeated",
      breaks: "P2",
      before: 'return options.onInterrupt ?? (options.idempotent ? "retry" : "ask");',
      after: 'return options.onInterrupt ?? "retry";',
    },
    {
      name: "a-failed-try-has-no-other",
      breaks: "W2",
      before: "if (failures >= maxAttempts ||",
      after: "if (failures >= 1 ||",
    },
  ]),
  ...inFile("activities/activity-runner.ts", [
    {
      name: "a-try-starts-before-its-intent",
      breaks: "W1",
      before: "return isBegun ? () => this.#start(activity, attempt) : undefined;",
      after: "return isBegun ? (this.#start(activity, attempt), undefined) : undefined;",
    },
    {
      name: "an-interrupted-try-that-fails-is-repeated",
      breaks: "E7",
      before: 'const policy = granted ? "retry" : afterInterrupt(activity);',
      after: 'const policy = "retry" as string;',
    },
    {
      name: "the-outside-hears-another-key-for-each-try",
      breaks: "P2",
      before: "idempotencyKey: `",
      after: "idempotencyKey: attempt + `",
    },
  ]),
  ...inFile("run-loop/begin-operations.ts", [
    {
      name: "a-backoff-is-over-at-once",
      breaks: "P8",
      before: 'const isLater = entry.status === "backing_off" && entry.retryAtMs > world.now();',
      after: 'const isLater = entry.status === "backing_off" && entry.retryAtMs < 0;',
    },
  ]),
  ...inFile("operations/dispatch.ts", [
    {
      name: "what-is-open-is-begun-again",
      breaks: "P2",
      before: 'return entry.status === "done" ? undefined : DISPATCH[operation.kind].resume(operation, entry);',
      after: "return operation.start();",
    },
  ]),
  ...inFile("activities/try-ends.ts", [
    {
      name: "a-timeout-allows-another-try",
      breaks: "W3",
      before: 'if (policy === "ask" && wouldRepeat) return this.#leftOpen(activity, attempt, timeout);',
      after: "",
    },
    {
      name: "a-doubt-is-a-failure",
      breaks: "W3",
      before:
        'if (isInDoubt(thrown) && afterInterrupt(activity) === "ask") return this.#leftOpen(activity, attempt, thrown);',
      after: "",
    },
    {
      name: "a-probe-is-not-believed",
      breaks: "W3",
      before: "if (outcome.happened) return this.succeeded(activity, attempt, { value: outcome.result, scratch });",
      after: "",
    },
    {
      name: "what-a-try-wrote-is-lost",
      breaks: "P5",
      before: "...(scratch === undefined ? {} : { scratch }),",
      after: "",
    },
  ]),
  ...inFile("activities/running-tries.ts", [
    {
      name: "the-end-of-an-older-try-is-heard",
      breaks: "R1",
      before: "if (this.#started.get(key) !== started) return false;",
      after: "if (!this.#started.has(key)) return false;",
    },
    {
      name: "nothing-is-told-to-stop",
      breaks: "P3",
      before: "for (const { controller } of this.#started.values()) controller?.abort(new Error(reason));",
      after: "for (const { controller } of this.#started.values()) controller?.signal.throwIfAborted();",
    },
    {
      name: "a-failure-after-its-time-is-believed",
      breaks: "R2",
      before: "if (this.#isOver(started)) running.overran(timeoutOf(running));",
      after: "if (this.#isOver(started) && started.withdrawn) running.overran(timeoutOf(running));",
    },
    {
      name: "a-try-overruns-for-ever",
      breaks: "P1",
      before: "    this.#leave(started);\n    const timeout",
      after: "    if (running.timeoutMs !== undefined) return;\n    const timeout",
    },
  ]),
  ...inFile("outbox/handovers.ts", [
    {
      name: "a-request-leaves-before-the-log-says-so",
      breaks: "P2",
      before: "this.#leaving = [...this.#leaving, { route, entry, seq }];",
      after: "void this.#handOver(route, entry);",
    },
  ]),
  ...inFile("journal/journal.ts", [
    {
      name: "the-log-goes-back-with-the-clock",
      breaks: "P8",
      before: "atMs: Math.max(this.#world.now(), updatedAtMs),",
      after: "atMs: this.#world.now(),",
    },
  ]),
  ...inFile("execution/durable-execution.ts", [
    {
      name: "answers-before-the-commit",
      breaks: "X1",
      before: "    await this.journal.flushTogether();\n    return decided;",
      after: "    return decided;",
    },
    {
      name: "a-closed-activation-is-woken",
      breaks: "E5",
      before: "    if (this.#loop && !this.#loop.closed) {\n",
      after: "    if (this.#loop) {\n",
    },
    {
      name: "recoveries-are-not-counted",
      breaks: "E7",
      before: 'this.journal.dispatch({ type: "recover", ...deploymentOf(this.#world) }, "system");',
      after: "",
    },
    {
      name: "the-replay-begins-before-the-recovery-is-on-disk",
      breaks: "X3",
      before: "await this.journal.sync();",
      after: "",
    },
    {
      name: "what-lifts-a-hold-is-not-on-disk-first",
      breaks: "E7",
      before: "await this.journal.flushTogether().then(() => this.journal.sync());",
      after: "",
    },
    {
      name: "an-alarm-fires-no-timer",
      breaks: "P1",
      before: "    lookAtInstants(this.journal);\n",
      after: "",
    },
    {
      name: "the-alarm-that-rang-is-taken-for-armed",
      breaks: "E8",
      before: "    this.journal.alarmFired();\n",
      after: "",
    },
    {
      name: "an-end-stops-nothing",
      breaks: "P3",
      before: "    if (isTerminal(state.status)) this.#stop(state.status);\n    void",
      after: "    void",
    },
    {
      name: "a-cancel-waits-for-no-try",
      breaks: "P3",
      before: "[...openBelow(this.journal, this.state), ...this.#activities.running]",
      after: "openBelow(this.journal, this.state)",
    },
    {
      name: "an-accepted-start-is-only-staged",
      breaks: "E7",
      before:
        "    const written = this.journal.flush();\n    if (written !== undefined) await written;\n    this.#goOn();\n    return decided;\n  }\n\n  /**\n   * A start that may name",
      after: "    this.#goOn();\n    return decided;\n  }\n\n  /**\n   * A start that may name",
    },
  ]),
  ...inFile("journal/next-wake.ts", [
    {
      name: "no-heartbeat",
      breaks: "E8",
      before: "return isBusy(state) ? Math.min(earliest, now + timing.heartbeatMs) : earliest;",
      after: "return earliest;",
    },
    {
      name: "what-is-overdue-needs-no-alarm",
      breaks: "E6",
      before: "const earliest = Math.min(firstTimer(view), activeLimitAtMs(state, now) ?? Number.POSITIVE_INFINITY);",
      after:
        "const earliest = Math.min(firstTimer(view) < now ? now + 86_400_000 : firstTimer(view), activeLimitAtMs(state, now) ?? Number.POSITIVE_INFINITY);",
    },
    {
      name: "a-late-alarm-stays",
      breaks: "E8",
      before: "if (alarmAtMs === undefined || alarmAtMs > atMs) return atMs;",
      after: "if (alarmAtMs === undefined) return atMs;",
    },
  ]),
  ...inFile("journal/beside.ts", [
    {
      name: "timers-are-not-cleared",
      breaks: "C1",
      before: "else for (const name of clearTimers) this.timers.remove(name);",
      after: "",
    },
  ]),
  ...inFile("outbox/outbox.ts", [
    {
      name: "a-refused-message-is-gone",
      breaks: "V1",
      before: "if (isForNow(code)) return this.#journal.postpone(id, row);",
      after: "",
    },
    {
      name: "messages-leave-before-their-commit",
      breaks: "L2",
      before: "if (lane.sending.has(id) || !this.#journal.isCommitted(id)) continue;",
      after: "if (lane.sending.has(id)) continue;",
    },
    {
      name: "an-end-is-told-while-tries-run",
      breaks: "P3",
      before: "if (isOver || !this.#options.triesRun()) return false;",
      after: "if (isOver || this.#options.triesRun()) return false;",
    },
    {
      name: "a-refused-child-is-waited-for",
      breaks: "V2",
      before: 'if (follows) dispatchSettled(this.#journal, follows, "system");',
      after: "",
    },
  ]),
  ...inFile("outbox/outbox-message.ts", [
    {
      name: "what-was-reserved-at-the-end-is-given-back",
      breaks: "P4",
      before: "const usage = plus(state.spent, state.reserved);",
      after: "const usage = state.spent;",
    },
  ]),
  ...inFile("activities/budget-reservations.ts", [
    {
      name: "each-draw-has-a-new-id",
      breaks: "P4",
      before: "if (isNothing(uncovered(state, amount)) || exceededLimit(state, amount)) return then.proceed();",
      after: "if (state) return then.proceed();",
    },
  ]),
  ...inFile("execution/lending.ts", [
    {
      name: "lends-what-it-was-not-given",
      breaks: "P4",
      before:
        "const ours = isNothing(missing) || isTerminal(state.status) || exceededLimit(state, amount) !== undefined;",
      after: "const ours = missing !== undefined;",
    },
  ]),
  ...inFile("execution/import-results.ts", [
    {
      name: "a-source-that-refuses-for-now-is-lost",
      breaks: "V1",
      before: "else if (isForNow(page.code)) throw",
      after: "else if (page.code === undefined) throw",
    },
  ]),
  ...inFile("execution/parent-cancel.ts", [
    {
      name: "a-cancel-that-overtakes-its-start-is-lost",
      breaks: "P3",
      before: "const created = state ? undefined : journal.dispatch(command, startedBy(command.origin));",
      after: "if (!state) return { ok: true, events: [] };\n  const created = undefined as Decided | undefined;",
    },
  ]),
  ...inFile("execution/adoption.ts", [
    {
      name: "a-refused-start-stays-with-its-parent",
      breaks: "N2",
      before: "if (!decided.ok) await withdraw(decided);",
      after: "",
    },
  ]),
  ...inFile("run-loop/ending.ts", [
    {
      name: "what-was-not-awaited-is-dropped",
      breaks: "N1",
      before: "return !this.#before?.has(operation.key) || (runsHere(operation) && this.#grace.lasts());",
      after: "return runsHere(operation) && this.#activities.has(operation.key);",
    },
  ]),
  ...inFile("program/scratchpad.ts", [
    {
      name: "the-program-does-not-see-what-entries-wrote",
      breaks: "P5",
      before: "for (const [name, value] of Object.entries(written)) this.#values.set(name, value);",
      after: "for (const [name, value] of Object.entries(written)) if (!name) this.#values.set(name, value);",
    },
  ]),
  ...inFile("run-loop/recorded-values.ts", [
    {
      name: "clock-and-dice-are-new-in-a-replay",
      breaks: "E1",
      before: 'if (known?.kind === "value" && known.value !== undefined) return known.value;',
      after: "",
    },
  ]),
  ...inFile("journal/log-reader.ts", [
    {
      name: "a-reader-misses-an-event-of-its-row",
      breaks: "P7",
      before: "for (const event of events) if (event.seq > after) yield event;",
      after: "for (const event of events) if (event.seq > after + 1) yield event;",
    },
    {
      name: "a-program-is-handed-the-engines-own-event",
      breaks: "P5",
      before: "if (text !== undefined) return JSON.parse(text) as Event;",
      after: "if (text !== undefined) return this.event(seq);",
    },
  ]),
  ...inFile("operations/determinism.ts", [
    {
      name: "takes-a-changed-question-for-the-old-one",
      breaks: "E3",
      before: "const changed = entry && nonDeterminism(operation, entry);",
      after: "const changed = entry && undefined;",
    },
  ]),
  ...inFile("operations/reusable-results.ts", [
    {
      name: "offers-are-not-taken",
      breaks: "P2",
      before: "const offer = nextReusable(operations, journal.index());",
      after: "const offer = nextReusable([], journal.index());",
    },
  ]),
  ...inFile("program/branch.ts", [
    {
      name: "branches-share-their-keys",
      breaks: "E2",
      before: "return new Branch(prefix, this);",
      after: "return new Branch(undefined, this);",
    },
  ]),
  ...inFile("journal/journal.ts", [
    {
      name: "commits-what-does-not-exist",
      breaks: "E10",
      before: "if (!state || !this.#needsCommit) return;",
      after: "if (state && !this.#needsCommit) return;",
    },
  ]),
  ...inFile("journal/journal.ts", [
    {
      name: "a-newer-message-is-acknowledged-with-the-older",
      breaks: "C2",
      before: "if (outbox.all.get(id) !== row) return;\n    const isWritten",
      after: "const isWritten",
    },
  ]),
  ...inFile("journal/next-wake.ts", [
    {
      name: "messages-need-no-alarm",
      breaks: "E8",
      before: "earliest = Math.min(earliest, nextAtMs > now ? nextAtMs : now + timing.redeliverMs);",
      after: "if (nextAtMs < 0) earliest = nextAtMs;",
    },
  ]),
  ...inFile("journal/entries.ts", [
    {
      name: "the-index-does-not-hear-of-new-events",
      breaks: "P5",
      before: "if (this.#index) foldEntry(this.#index, event);",
      after: "",
    },
  ]),
  ...inFile("program/deployment-of.ts", [
    {
      name: "no-block-is-written",
      breaks: "E3",
      before: 'journal.dispatch({ type: "block", reason: PROGRAM_CHANGED, detail, ...deploymentOf(world) }, "system");',
      after: "",
    },
  ]),
];
