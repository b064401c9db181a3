/** How the command ends, by kind: the code for scripts, and what it means. `docs/cli.md` shows the same table. */
export const EXITS = {
  done: { code: 0, means: "It is done." },
  failed: { code: 1, means: "The execution failed, or the server refused what was asked." },
  usage: { code: 2, means: "The command line or a file it names is wrong." },
  needs_confirmation: { code: 3, means: "Nothing was changed: the plan was printed. Add --yes." },
  not_found: { code: 4, means: "What was named is not there." },
  network: { code: 5, means: "The server did not answer." },
  auth: { code: 6, means: "The key is missing, or does not open this." },
  aborted: { code: 7, means: "A person has cancelled the execution." },
  server: { code: 8, means: "The server could not do it: an error of its own, or no room." },
  waits: { code: 9, means: "The execution waits for a person." },
  timeout: { code: 124, means: "--timeout has passed. The execution goes on." },
  interrupted: { code: 130, means: "Interrupted while it waited. The execution goes on." },
} as const;

export type ExitKind = keyof typeof EXITS;
export type FailureKind = Exclude<ExitKind, "done">;
