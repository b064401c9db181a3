/** The rows about whole executions: synchronous, with steps, with effects, accepted only. */
import type { Contender, Figures, Shape } from "./contest.ts";
import { contest } from "./contest.ts";
import type { Cost, Metered } from "./meter.ts";
import type { Goal, Line, Reported } from "./row.ts";
import { atLeast, atMost } from "./row.ts";
import type { Program, Stage } from "./stage.ts";
import { executions, floor } from "./stage.ts";

export interface Setting {
  readonly stage: Stage;
  readonly quick: boolean;
  readonly costs: Readonly<Record<Metered, Cost>>;
}

const ONE_STEP: Program = { fn: "steps", input: { count: 1 }, calls: 0 };
const TEN_STEPS: Program = { fn: "steps", input: { count: 10 }, calls: 0 };
const TEN_EFFECTS: Program = { fn: "effects", input: { count: 10 }, calls: 10 };

function shape(concurrency: number, { quick }: { readonly quick: boolean }): Shape {
  return { concurrency, warmUpMs: quick ? 500 : 3_000, sliceMs: quick ? 200 : 1_500, pairs: 8 };
}

/** Two contenders and how the first is judged by the second. */
interface Duel {
  readonly op: string;
  readonly concurrency: number;
  readonly ours: Contender;
  readonly theirs: Contender;
  readonly floorName: string;
  readonly rowsWritten: number | null;
  readonly judged: "p50" | "rps";
  /** Bars are set for the disk; without it the figure is told and not judged. */
  readonly goal: Goal;
}

export async function syncOneStep(setting: Setting): Promise<Reported[]> {
  const { stage, quick, costs } = setting;
  const goals = { 1: atMost(1.35, 1.1), 16: atLeast(0.55, 0.8), 64: atLeast(0.7, 0.8) } as const;
  const reported: Reported[] = [];
  for (const concurrency of [1, 16, 64] as const) {
    if (quick && stage.medium === "tmpfs" && concurrency === 64) continue;
    const { lines, ours, theirs } = await fight(setting, {
      op: "sync one step",
      concurrency,
      ours: executions(stage, ONE_STEP, { wait: true }),
      theirs: floor(stage, "/new"),
      floorName: "floor b",
      rowsWritten: costs["sync one step"].rowsWritten,
      judged: concurrency === 1 ? "p50" : "rps",
      goal: goals[concurrency],
    });
    reported.push(...lines);
    if (stage.medium === "tmpfs" && concurrency !== 64) reported.push(cpuRow(concurrency, ours, theirs));
  }
  return reported;
}

function cpuRow(concurrency: number, ours: Figures, theirs: Figures): Reported {
  const line = lineOf({ op: "cpu per request", concurrency, subject: "open", medium: "tmpfs" }, ours, null);
  return {
    line: { ...line, ratio: ours.cpuMs / theirs.cpuMs },
    goal: atMost(2.3, 1.6),
    note: `floor b: ${theirs.cpuMs.toFixed(2)} ms; projection included`,
  };
}

export async function tenSteps(setting: Setting): Promise<Reported[]> {
  const { stage, costs } = setting;
  const { lines } = await fight(setting, {
    op: "ten steps",
    concurrency: 1,
    ours: executions(stage, TEN_STEPS, { wait: true }),
    theirs: executions(stage, ONE_STEP, { wait: true }),
    floorName: "1 step",
    rowsWritten: costs["sync ten steps"].rowsWritten,
    judged: "p50",
    goal: atMost(1.3, 1.15),
  });
  return lines;
}

export async function tenEffects(setting: Setting): Promise<Reported[]> {
  const { stage, costs } = setting;
  const { lines } = await fight(setting, {
    op: "ten effects",
    concurrency: 1,
    ours: executions(stage, TEN_EFFECTS, { wait: true }),
    theirs: floor(stage, "/calls"),
    floorName: "by hand",
    rowsWritten: costs["ten effects"].rowsWritten,
    judged: "p50",
    goal: atMost(1.6, 1.2),
  });
  return lines;
}

export async function asyncStart(setting: Setting): Promise<Reported[]> {
  const { stage, costs } = setting;
  const { lines } = await fight(setting, {
    op: "async start",
    concurrency: 1,
    ours: executions(stage, ONE_STEP, { wait: false }),
    theirs: floor(stage, "/new"),
    floorName: "floor b",
    rowsWritten: costs["async start"].rowsWritten,
    judged: "p50",
    goal: atMost(1.6, 1.2),
  });
  return lines;
}

export async function fight(
  { stage, quick }: { readonly stage: Stage; readonly quick: boolean },
  duel: Duel,
): Promise<{ lines: Reported[]; ours: Figures; theirs: Figures }> {
  const [ours, theirs] = await contest(stage.load, [duel.ours, duel.theirs], shape(duel.concurrency, { quick }));
  if (!ours || !theirs) throw new Error("a contest has two sides");
  const { op, concurrency } = duel;
  const { medium } = stage;
  const ratio = duel.judged === "p50" ? ours.p50Ms / theirs.p50Ms : ours.rps / theirs.rps;
  const other = duel.judged === "p50" ? ours.rps / theirs.rps : ours.p50Ms / theirs.p50Ms;
  const cpu = Number.isNaN(ours.cpuMs) ? "" : `, of cpu ${(ours.cpuMs / theirs.cpuMs).toFixed(2)}`;
  const note = `ratio of ${duel.judged}; of ${duel.judged === "p50" ? "rps" : "p50"} ${other.toFixed(2)}${cpu}`;
  const line = { ...lineOf({ op, concurrency, subject: "open", medium }, ours, duel.rowsWritten), ratio };
  const reference = lineOf({ op, concurrency, subject: duel.floorName, medium }, theirs, null);
  const goal = medium === "disk" ? { goal: duel.goal } : {};
  return { lines: [{ line, note, ...goal }, { line: reference }], ours, theirs };
}

function lineOf(
  { op, concurrency, subject, medium }: Pick<Line, "op" | "concurrency" | "subject" | "medium">,
  { rps, p50Ms, cpuMs }: Figures,
  rowsWritten: number | null,
): Line {
  const cpu_ms = Number.isNaN(cpuMs) ? null : cpuMs;
  return { op, concurrency, subject, medium, rps, p50_ms: p50Ms, cpu_ms, rows_written: rowsWritten, ratio: null };
}
