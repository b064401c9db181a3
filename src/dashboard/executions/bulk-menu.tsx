/** One verb for all executions that the list shows: counted first, then done by an execution of its own. */
import { useCallback, useState } from "react";
import type { BulkAction } from "../../contract/operator/bulk.ts";
import { useGoTo } from "../execution/use-go-to.ts";
import { DialogForm } from "../forms/dialog-form.tsx";
import { TextField } from "../forms/text-field.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Menu } from "../parts/menu.tsx";
import { useAct } from "../parts/use-act.ts";
import { useRead } from "../parts/use-read.ts";
import { count } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { bulkFilterOf } from "./bulk.ts";
import type { Filters } from "./filters.ts";

const ACTIONS: readonly {
  readonly action: BulkAction;
  readonly words: string;
  readonly busyWords: string;
  readonly more: string;
}[] = [
  {
    action: "pause",
    words: "Pause",
    busyWords: "Pausing…",
    more: "Nothing new begins in them until they are resumed.",
  },
  { action: "resume", words: "Resume", busyWords: "Resuming…", more: "What is paused or blocked goes on." },
  { action: "cancel", words: "Cancel", busyWords: "Cancelling…", more: "They end, with all that they have started." },
  { action: "restart", words: "Restart", busyWords: "Restarting…", more: "Everything is done anew, effects included." },
  {
    action: "redrive",
    words: "Redrive",
    busyWords: "Redriving…",
    more: "What failed goes on; what had succeeded before is not done again.",
  },
];

export function BulkMenu({ filters }: { readonly filters: Filters }) {
  const [chosen, setChosen] = useState<BulkAction>();
  return (
    <>
      <Menu button="All of these" label="For all executions of this list">
        {(close) => (
          <ul className="menu-list">
            {ACTIONS.map(({ action, words }) => (
              <li key={action}>
                <button
                  type="button"
                  className="menu-item"
                  disabled={bulkFilterOf(filters, action, 0) === undefined}
                  onClick={() => {
                    setChosen(action);
                    close();
                  }}
                >
                  {words}…
                </button>
              </li>
            ))}
          </ul>
        )}
      </Menu>
      {chosen !== undefined && <BulkDialog filters={filters} action={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

interface DialogProps {
  readonly filters: Filters;
  readonly action: BulkAction;
  readonly onClose: () => void;
}

function BulkDialog({ filters, action, onClose }: DialogProps) {
  const { operations } = useClient();
  const goTo = useGoTo();
  const act = useAct();
  const [reason, setReason] = useState("");
  // What is counted is what is done: `since` does not move on while the dialog is open.
  const [filter] = useState(() => bulkFilterOf(filters, action, Date.now()) ?? { all: true as const });
  const { value, fault } = useRead(
    useCallback(
      (signal: AbortSignal) => operations.bulkCount({ action, filter }, { signal }),
      [operations, action, filter],
    ),
  );
  const about = ACTIONS.find((one) => one.action === action) ?? ACTIONS[0];
  if (!about) return null;
  const done = async () => {
    const why = reason.trim() === "" ? {} : { reason: reason.trim() };
    const { execution_id: id } = await operations.bulk({ action, filter, ...why });
    onClose();
    goTo(id);
  };
  const matched = value === undefined ? undefined : `${count(value.matched)}${value.more ? " or more" : ""}`;
  return (
    <Dialog title={`${about.words} all of these`} onClose={onClose}>
      <DialogForm
        act={{ busy: act.busy || value === undefined || value.matched === 0, fault: act.fault ?? fault }}
        deed={{
          words: matched === undefined ? "Counting…" : `${about.words} ${matched}`,
          busyWords: act.busy ? about.busyWords : value === undefined ? "Counting…" : "None takes it",
          danger: action === "cancel",
        }}
        stay="Leave them"
        onSubmit={() => act.run(done)}
        onClose={onClose}
      >
        <p role="status">
          {value === undefined
            ? "They are being counted. Nothing is touched yet."
            : value.matched === 0
              ? "No execution of this list takes this now."
              : `${matched} ${value.matched === 1 && !value.more ? "execution takes" : "executions take"} this now. ${about.more}`}
        </p>
        <TextField title="Reason" value={reason} onChange={setReason} optional />
        <p className="quiet small">An execution of its own does it, 50 a second, and says how far it is.</p>
      </DialogForm>
    </Dialog>
  );
}
