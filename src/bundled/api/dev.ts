/** `errand/api/dev`: what these agents need beside the Worker on this machine. package.json names it, the launcher starts it. */
import { startLintServer } from "./lint-server.ts";

export async function startBeside({ API_LINTER_URL }: Readonly<Record<string, string | undefined>>): Promise<{
  readonly variables: { readonly API_LINTER_URL: string };
}> {
  return { variables: { API_LINTER_URL: API_LINTER_URL || (await startLintServer({ port: 0 })).url } };
}

export { startLintServer };
