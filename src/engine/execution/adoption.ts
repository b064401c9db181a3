/**
 * A start that names its parent itself. The child's own object asks the parent, before anything of the child is there: so
 * a refused start leaves nothing behind, and one id is asked for once at a time.
 *
 * - The parent takes the child on, then the child begins. The other way round a child would run of which a cancel of its
 *   parent knows nothing (P3).
 * - A start that is refused after all is withdrawn with the parent. A process that dies in between leaves a link to a
 *   child that is not there yet: the same start sent again makes it true, and a parent that is cancelled meanwhile has it
 *   refused (P3).
 */

import { CHILD_REFUSED } from "../../domain/decide/child.ts";
import { decide } from "../../domain/decide/decide.ts";
import type { Decided } from "../../domain/decide/decided.ts";
import { NOTHING } from "../../domain/execution/budget.ts";
import type { AdoptChild, ChildFinished } from "../../domain/execution/child-command.ts";
import { beneath, sliceOf } from "../../domain/execution/child-origin.ts";
import type { CreateCommand } from "../../domain/execution/command.ts";
import { entryError } from "../../domain/execution/entry.ts";
import { isChosenId } from "../../domain/execution/execution-id.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";
import { traceOf } from "../trace.ts";

/** Dispatches to the parent as the caller of the start: a parent that is not the caller's is not found. */
export type DispatchToParent = (
  parentId: string,
  command: AdoptChild | ChildFinished,
) => Promise<Result<{ readonly state: ExecutionState; readonly changed: boolean }>>;

/** `lazily`: the caller waits for its end. `refusal` is asked when nothing is awaited any more. */
export interface BeginOptions {
  readonly lazily: boolean;
  readonly dispatchToParent: DispatchToParent;
  readonly refusal: () => Refusal | undefined;
}

interface Start {
  readonly command: CreateCommand;
  readonly dispatchToParent: DispatchToParent;
  /** Creates the execution, or says why not. */
  readonly create: (command: CreateCommand) => Decided | Promise<Decided>;
}

export class Adoption {
  readonly #journal: Journal;
  readonly #world: World;
  #underWay: Promise<unknown> | undefined;

  constructor(journal: Journal, world: World) {
    this.#journal = journal;
    this.#world = world;
  }

  /** Creates the execution of this start, beneath its parent where it names one of ours. */
  async begin(start: Start): Promise<Decided> {
    while (this.#underWay !== undefined) await this.#underWay;
    const { command, create } = start;
    // A repetition finds its execution, and asks no parent again.
    if (this.#journal.state || !command.joins || command.origin.parentId === undefined) return create(command);
    const begun = this.#adopted(start, command.origin.parentId);
    this.#underWay = begun.catch(() => undefined);
    try {
      return await begun;
    } finally {
      this.#underWay = undefined;
    }
  }

  async #adopted({ command, dispatchToParent, create }: Start, parentId: string): Promise<Decided> {
    const would = decide({ state: undefined, index: () => this.#journal.index() }, command, this.#world.now());
    if (!would.ok) return would;
    const taken = await takenOn({ command, dispatchToParent }, parentId);
    if (!taken.ok) return taken;
    // What is no execution has taken nothing on.
    if (taken.value === command) return create(command);
    const link = { parentId, childId: command.origin.id };
    const withdraw = (refusal: Refusal) =>
      withdrawn(dispatchToParent, { ...link, refusal }).catch((failure: unknown) =>
        this.#world.log("warn", "a link could not be withdrawn", { parent_id: parentId, stack: traceOf(failure) }),
      );
    try {
      const decided = await create(taken.value);
      if (!decided.ok) await withdraw(decided);
      return decided;
    } catch (error) {
      await withdraw({ ok: false, code: "internal_error", detail: "its first write failed" });
      throw error;
    }
  }
}

/** Asks the parent that a start names. Returns the start beneath it; the same start where that is no execution of ours. */
export async function takenOn(
  { command, dispatchToParent }: Pick<Start, "command" | "dispatchToParent">,
  parentId: string,
): Promise<Result<CreateCommand>> {
  const { origin, joins: { asked = {}, bound = false } = {} } = command;
  const result = await dispatchToParent(parentId, {
    type: "adopt_child",
    childId: origin.id,
    target: `${origin.agent}.${origin.fn}`,
    digest: origin.digest,
    asked,
  });
  if (result.ok) return accept(joined(command, result.value.state));
  // A name that a caller could have chosen is one of ours when an execution answers to it; else it is only a name.
  return !bound && isChosenId(parentId) && result.code === "not_found" ? accept(command) : result;
}

/** Tells the parent that the child it took on was refused after all. Rejects when that could not be told. */
export async function withdrawn(
  dispatchToParent: DispatchToParent,
  { parentId, childId, refusal }: { readonly parentId: string; readonly childId: string; readonly refusal: Refusal },
): Promise<void> {
  const { code, detail } = refusal;
  const message = `the start of the child execution ${childId} was refused: ${detail}`;
  const error = entryError(CHILD_REFUSED, message, { code });
  const ended = { status: "failed", outcome: { ok: false, error }, usage: NOTHING } as const;
  await dispatchToParent(parentId, { type: "child_finished", childId, ...ended });
}

/** A child belongs to the owner, the run and the session of its parent, also when another subject's key started it. */
function joined(command: CreateCommand, parent: ExecutionState): CreateCommand {
  const { origin, joins: { asked = {} } = {} } = command;
  const child = beneath(parent, belonging(origin, parent.origin), sliceOf(asked, parent));
  const { webhook, ...silent } = command;
  if (!webhook || origin.owner === parent.origin.owner) return { ...command, origin: child };
  return { ...silent, webhookError: NOT_THE_OWNERS, origin: child };
}

/** Deliveries carry what the owner reads. */
const NOT_THE_OWNERS =
  "webhook: deliveries carry what the owner of the parent reads, who owns the execution too: register with a key of that subject";

/** Another's key brings no name of its own along: with it would come what the owner keeps under that name. */
function belonging(own: Origin, { owner, runId, sessionId, actorId }: Origin): Origin {
  if (own.owner === owner) return { ...own, runId, ...(sessionId === undefined ? {} : { sessionId }) };
  const { sessionId: _session, actorId: _actor, ...rest } = own;
  return {
    ...rest,
    ...{ owner, runId, createdBy: own.owner },
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(actorId === undefined ? {} : { actorId }),
  };
}
