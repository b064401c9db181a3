/**
 * `npm run tour`: every example at work on a private server, a person's approval, and a `kill -9` in the middle of an
 * audit that ends all the same. Exit code 0 when everything ended well and every promise held, else 1 with what failed.
 *
 * It cleans up after itself however it ends: its server's whole process group and its temporary folder.
 */
import { createClient } from "../client/index.ts";
import type { Stage } from "./acts.ts";
import { approval, enrichment, reminder, sentiment, ticket, transfer, triage } from "./acts.ts";
import type { Examples } from "./examples.ts";
import { killedAudit } from "./killed-audit.ts";
import { PrivateServer } from "./private-server.ts";
import { Screen } from "./screen.ts";
import { took, verdict } from "./verdict.ts";

/** Long enough to sleep through the kill. */
const NAP_S = 9;

const { stdout } = process;
const screen = new Screen(stdout, { fancy: stdout.isTTY === true && process.env.NO_COLOR === undefined });
const server = new PrivateServer();
process.on("exit", () => {
  screen.close();
  server.remove();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
// A process that reads this output through a pipe may leave early.
stdout.on("error", () => process.exit(1));

try {
  process.exitCode = await tour();
} catch (error) {
  screen.close();
  screen.line();
  screen.bad(`the tour ended early: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
await server.kill();
process.exit();

async function tour(): Promise<number> {
  const begunAt = Date.now();
  screen.line();
  screen.line(` ${screen.style("bold", "Errand")}: AI agents as durable executions. The tour, on a server of its own.`);
  screen.line();
  await screen.during("building and starting a server", server.start());
  screen.good(`up at ${server.url} in ${took(Date.now() - begunAt)}; no account, no key, nothing leaves this machine`);

  const stage: Stage = { client: createClient<Examples>({ baseUrl: server.url }), screen, seen: [] };
  await sentiment(stage);
  await ticket(stage);
  await triage(stage);
  const wake = await reminder(stage, NAP_S);
  await approval(stage);
  await transfer(stage);
  await enrichment(stage);
  await killedAudit(stage, server);
  await wake();
  const failed = await verdict(stage);

  screen.line();
  for (const sentence of failed) screen.bad(sentence);
  if (failed.length > 0) return 1;
  screen.good(
    `${stage.seen.length} executions, one crash, nothing lost, nothing done twice. ${took(Date.now() - begunAt)} in all.`,
  );
  screen.say("Now yours: npm start");
  screen.line();
  return 0;
}
