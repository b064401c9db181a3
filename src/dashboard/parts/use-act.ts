import { useCallback, useState } from "react";
import { useSession } from "../session/session.tsx";

export interface Act {
  readonly busy: boolean;
  /** The refusal of the last try, as the server words it. */
  readonly fault: string | undefined;
  /** Runs one call; the next only after it. Returns whether it was done. */
  readonly run: (call: () => Promise<unknown>) => Promise<boolean>;
}

/** A button that asks the server for something: waits for the answer, and keeps what it refused. */
export function useAct(): Act {
  const { heard } = useSession();
  const [state, setState] = useState<{ busy: boolean; fault: string | undefined }>({ busy: false, fault: undefined });
  const run = useCallback(
    async (call: () => Promise<unknown>) => {
      setState({ busy: true, fault: undefined });
      try {
        await call();
        setState({ busy: false, fault: undefined });
        return true;
      } catch (error) {
        setState({ busy: false, fault: heard(error) });
        return false;
      }
    },
    [heard],
  );
  return { ...state, run };
}
