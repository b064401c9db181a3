import type { FormEvent } from "react";
import { useState } from "react";
import { ProblemError } from "../../client/transport/errors.ts";
import { Logo } from "../parts/icon.tsx";
import { useTitle } from "../shell/title.ts";

interface Props {
  /** Why the key that was there does no more; empty for none. */
  readonly said: string;
  readonly onSignIn: (key: string) => Promise<void>;
}

export function SignIn({ said, onSignIn }: Props) {
  const [key, setKey] = useState("");
  const [fault, setFault] = useState(said);
  const [busy, setBusy] = useState(false);
  useTitle("Sign in");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    onSignIn(key.trim())
      .catch((error: unknown) => setFault(wordsOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={submit}>
        <Logo />
        <h1>Sign in to Errand</h1>
        <p className="quiet">This deployment asks for an API key. It stays in this tab until you close it.</p>
        <label className="field">
          <span className="field-title">API key</span>
          <input
            className="input mono"
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={key}
            aria-describedby="sign-in-fault"
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <p id="sign-in-fault" className="fault" role="alert">
          {fault}
        </p>
        <button className="button primary wide" type="submit" disabled={busy || key.trim() === ""}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <p className="quiet small">
          No key yet? An administrator makes one with <code>POST /api/v1/keys</code>; the API is described in{" "}
          <a href="/docs">the documentation</a>.
        </p>
      </form>
    </main>
  );
}

function wordsOf(error: unknown): string {
  if (error instanceof ProblemError && error.status === 403) return `This key may not read executions: ${error.detail}`;
  return error instanceof Error ? error.message.replace(/^\w+: /, "") : String(error);
}
