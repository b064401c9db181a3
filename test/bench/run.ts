/**
 * `npm run bench -- [--quick] [--only ROW,ROW] [--medium disk|tmpfs] [--json FILE]`: what Errand costs, beside what the platform alone costs.
 * It reports and never asserts: a figure short of its bar is a figure, and the exit code says only whether all was measured.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { parseArgs } from "node:util";
import { KEPT_DAYS, keptDollarsPerMillion } from "../support/billing/prices.ts";
import { meterPrograms } from "./meter.ts";
import type { Reported } from "./row.ts";
import { headerText, rowText } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import { asyncStart, sustained, syncOneStep, tenEffects, tenSteps, warmUp } from "./rows-executions.ts";
import { bursts, idleStart, steady } from "./rows-intake.ts";
import { waiting, wake } from "./rows-memory.ts";
import { dispatches } from "./rows-nodes.ts";
import { agentEvents, leases, planStream, polling } from "./rows-plans.ts";
import { remembering } from "./rows-remembering.ts";
import { crowd, eventToSocket, signals } from "./rows-signals.ts";
import type { Medium } from "./stage.ts";
import { openStage } from "./stage.ts";

interface Row {
  readonly measure: (setting: Setting) => Promise<Reported[]>;
  /** `--quick` measures on these only. */
  readonly quickly: readonly Medium[];
}

const ROWS: Readonly<Record<string, Row>> = {
  sync: { measure: syncOneStep, quickly: ["disk", "tmpfs"] },
  sustained: { measure: sustained, quickly: ["disk"] },
  "ten-steps": { measure: tenSteps, quickly: ["disk"] },
  "ten-effects": { measure: tenEffects, quickly: ["disk"] },
  async: { measure: asyncStart, quickly: ["disk"] },
  burst: { measure: bursts, quickly: ["disk"] },
  steady: { measure: steady, quickly: ["disk"] },
  "idle-async": { measure: idleStart, quickly: ["disk"] },
  signals: { measure: signals, quickly: ["disk"] },
  socket: { measure: eventToSocket, quickly: ["disk"] },
  crowd: { measure: crowd, quickly: ["disk"] },
  nodes: { measure: dispatches, quickly: ["disk"] },
  "agent-events": { measure: agentEvents, quickly: ["disk"] },
  polls: { measure: polling, quickly: ["disk"] },
  leases: { measure: leases, quickly: ["disk"] },
  "plan-stream": { measure: planStream, quickly: ["disk"] },
  memory: { measure: remembering, quickly: ["disk"] },
  waiting: { measure: waiting, quickly: ["tmpfs"] },
  wake: { measure: wake, quickly: ["disk"] },
};

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    medium: { type: "string" },
    json: { type: "string" },
  },
});
const only = values.only?.split(",");
if (only?.some((name) => !(name in ROWS))) {
  process.stderr.write(`--only takes some of: ${Object.keys(ROWS).join(",")}\n`);
  process.exit(2);
}

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const begun = Date.now();
say(
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), Linux ${release()}, Node ${process.version}, load ${inWords(loadavg())}`,
);
say("subjects: open (open mode), key (every request carries a key)\n");

const { costs, day, eventBytes } = await meterPrograms();
say("what is billed, per execution");
for (const [name, cost] of Object.entries(costs)) {
  const rows = `${cost.rowsWritten.toFixed(1)} rows in objects, ${cost.registryRows.toFixed(1)} in the index`;
  const awake = `${(cost.awakeSeconds * 1_000).toFixed(0)} ms awake, ${cost.bytes} bytes kept`;
  const calls = `${cost.objectCalls.toFixed(1)} calls of objects, ${cost.statements.toFixed(1)} statements`;
  const dollars = `$${cost.dollarsPerMillion.toFixed(2)} a million, $${keptDollarsPerMillion(cost).toFixed(2)} to keep them ${KEPT_DAYS} days`;
  say(`${name}: ${rows}, ${calls}, ${awake}; ${dollars}`);
}
const { rowsWritten: dayRows, registryRows: dayRegistryRows, alarms, dollarsPerMillion: dayDollars } = day;
say(
  `waiting for a person, a day: ${alarms} alarms, ${dayRows} rows in the object, ${dayRegistryRows} in the index; $${dayDollars.toFixed(2)} a million days`,
);
say(`an event of an agent: ${eventBytes.toFixed(0)} bytes kept`);
say(`\n${headerText()}`);
const reported: Reported[] = [];
for (const medium of ["disk", "tmpfs"] as const) {
  if (values.medium === undefined || values.medium === medium) await measureOn(medium);
}
say(`\n${Math.round((Date.now() - begun) / 1_000)} s, load ${inWords(loadavg())}`);
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify(
      reported.map(({ line }) => line),
      null,
      2,
    )}\n`,
  );
process.exit(0);

async function measureOn(medium: Medium): Promise<void> {
  const rows = Object.entries(ROWS).filter(
    ([name, { quickly }]) => (only?.includes(name) ?? true) && (!values.quick || quickly.includes(medium)),
  );
  if (rows.length === 0) return;
  const stage = await openStage(medium, { metered: false });
  try {
    await warmUp(stage);
    for (const [, { measure }] of rows) {
      for (const found of await measure({ stage, quick: values.quick, costs })) {
        reported.push(found);
        say(rowText(found));
      }
    }
  } finally {
    await stage.close();
  }
}

function inWords(load: readonly number[]): string {
  return load.map((value) => value.toFixed(1)).join(" ");
}
