/** The rows about whole executions: synchronous, with steps, with effects, accepted only. */
import type { Contender, Figures, Shape } from "./contest.ts";
import { contest, runSlice } from "./contest.ts";
import type { Cost, Metered } from "./meter.ts";
import type { Goal, Line, Reported } from "./row.ts";
import { atLeast, atMost } from "./row.ts";
import type { Medium, Program, Stage } from "./stage.ts";
import { executions, floor } from "./stage.ts";
import type { Subject } from "./subject.ts";

export interface Setting {
  readonly stage: Stage;
  readonly quick: boolean;
  readonly costs: Readonly<Record<Metered, Cost>>;
}

const ONE_STEP: Program = { fn: "steps", input: { count: 1 }, calls: 0 };
const TEN_STEPS: Program = { fn: "steps", input: { count: 10 }, calls: 0 };
const TEN_EFFECTS: Program = { fn: "effects", input: { count: 10 }, calls: 10 };

function shape(concurrency: number, { quick }: { readonly quick: boolean }): Shape {
  return { concurrency, warmUpMs: quick ? 300 : 3_000, sliceMs: quick ? 300 : 1_500, pairs: 8 };
}

/** Every server has run its first thousand requests before anything is timed: compilers and files have warmed up. */
export async function warmUp(stage: Stage): Promise<void> {
  const contenders = [
    executions(stage, ONE_STEP, { subject: stage.errand, wait: true }),
    executions(stage, ONE_STEP, { subject: stage.keyed, wait: true }),
    floor(stage, "/new"),
  ];
  const wanted = { name: "warm-up", concurrency: 8, sliceMs: 10_000, maxRequests: 1_000 };
  for (const contender of contenders) await runSlice(stage.load, contender, wanted);
}

/** Ours against another, and how it is judged. */
interface Duel {
  readonly op: string;
  readonly concurrency: number;
  /** Ours by subject: in open mode, and with a key. */
  readonly ours: (subject: Subject) => Contender;
  readonly theirs: Contender;
  readonly floorName: string;
  readonly rowsWritten: number | null;
  /** `--quick` measures with a key too. */
  readonly keyedQuickly?: boolean;
  readonly judged: "p50" | "rps";
  /** Where its slices are longer or fewer than usual. */
  readonly shape?: Shape;
  /** Bars are set for the disk; without it the figure is told and not judged. */
  readonly goal: Goal;
}

export async function syncOneStep(setting: Setting): Promise<Reported[]> {
  const { stage, quick, costs } = setting;
  const goals = { 1: atMost(1.2, 1.1), 16: atLeast(0.75, 0.8), 64: atLeast(0.75, 0.8) } as const;
  const reported: Reported[] = [];
  for (const concurrency of [1, 16, 64] as const) {
    if (quick && concurrency === 64) continue;
    const { lines, found, theirs } = await fight(setting, {
      op: "sync one step",
      concurrency,
      ours: (subject) => executions(stage, ONE_STEP, { subject, wait: true }),
      theirs: floor(stage, "/new"),
      floorName: "floor b",
      rowsWritten: costs["sync one step"].rowsWritten,
      keyedQuickly: true,
      judged: concurrency === 1 ? "p50" : "rps",
      goal: goals[concurrency],
    });
    reported.push(...lines);
    if (stage.medium === "tmpfs" && concurrency !== 64) reported.push(...cpuRows(concurrency, found, theirs));
  }
  return reported;
}

function cpuRows(concurrency: number, found: readonly Found[], theirs: Figures): Reported[] {
  return found.map(({ subject, figures }) => ({
    line: {
      ...lineOf({ op: "cpu per request", concurrency, subject, medium: "tmpfs" }, figures, null),
      ratio: figures.cpuMs / theirs.cpuMs,
    },
    goal: atMost(1.8, 1.6),
    note: `floor b: ${theirs.cpuMs.toFixed(2)} ms; projection included`,
  }));
}

/**
 * The same without pauses: callers ask for seconds on end, and what they caused is in the index before the window is over, so
 * that the projection is paid in it.
 */
export async function sustained(setting: Setting): Promise<Reported[]> {
  const { stage, quick, costs } = setting;
  const reported: Reported[] = [];
  for (const concurrency of [1, 16, 64] as const) {
    if (quick && concurrency === 64) continue;
    const { lines } = await fight(setting, {
      op: "sustained",
      concurrency,
      ours: (subject) => executions(stage, ONE_STEP, { subject, wait: true }),
      theirs: floor(stage, "/new"),
      floorName: "floor b",
      rowsWritten: costs["sync one step"].rowsWritten,
      judged: "rps",
      goal: atLeast(0.65, 0.75),
      shape: { concurrency, warmUpMs: 1_000, sliceMs: quick ? 5_000 : 12_000, pairs: quick ? 1 : 2 },
    });
    reported.push(...lines);
  }
  return reported;
}

export async function tenSteps(setting: Setting): Promise<Reported[]> {
  const { stage, costs } = setting;
  const { lines } = await fight(setting, {
    op: "ten steps",
    concurrency: 1,
    ours: (subject) => executions(stage, TEN_STEPS, { subject, wait: true }),
    theirs: executions(stage, ONE_STEP, { subject: stage.errand, wait: true }),
    floorName: "1 step",
    rowsWritten: costs["sync ten steps"].rowsWritten,
    judged: "p50",
    goal: atMost(1.15, 1.1),
  });
  return lines;
}

export async function tenEffects(setting: Setting): Promise<Reported[]> {
  const { stage, costs } = setting;
  const { lines } = await fight(setting, {
    op: "ten effects",
    concurrency: 1,
    ours: (subject) => executions(stage, TEN_EFFECTS, { subject, wait: true }),
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
    ours: (subject) => executions(stage, ONE_STEP, { subject, wait: false }),
    theirs: floor(stage, "/new"),
    floorName: "floor b",
    rowsWritten: costs["async start"].rowsWritten,
    judged: "p50",
    goal: atMost(1.6, 1.2),
  });
  return lines;
}

interface Found {
  readonly subject: string;
  readonly figures: Figures;
}

export async function fight(
  { stage, quick }: { readonly stage: Stage; readonly quick: boolean },
  duel: Duel,
): Promise<{ lines: Reported[]; found: Found[]; theirs: Figures }> {
  const subjects = quick && !duel.keyedQuickly ? [stage.errand] : [stage.errand, stage.keyed];
  const contenders = [...subjects.map(duel.ours), duel.theirs];
  const figures = await contest(stage.load, contenders, duel.shape ?? shape(duel.concurrency, { quick }));
  const theirs = figures.pop();
  if (!theirs) throw new Error("a contest has two sides");
  const found = figures.map((each, index) => ({ subject: subjects[index]?.name ?? "", figures: each }));
  const { op, concurrency } = duel;
  const reference = lineOf({ op, concurrency, subject: duel.floorName, medium: stage.medium }, theirs, null);
  return {
    lines: [...found.map((each) => judge(duel, { ...each, theirs, medium: stage.medium })), { line: reference }],
    found,
    theirs,
  };
}

function judge(
  { op, concurrency, rowsWritten, judged, goal }: Duel,
  { subject, figures, theirs, medium }: Found & { readonly theirs: Figures; readonly medium: Medium },
): Reported {
  const ratios = { p50: figures.p50Ms / theirs.p50Ms, rps: figures.rps / theirs.rps };
  const other = judged === "p50" ? "rps" : "p50";
  const cpu = Number.isNaN(figures.cpuMs) ? "" : `, of cpu ${(figures.cpuMs / theirs.cpuMs).toFixed(2)}`;
  return {
    line: { ...lineOf({ op, concurrency, subject, medium }, figures, rowsWritten), ratio: ratios[judged] },
    note: `ratio of ${judged}; of ${other} ${ratios[other].toFixed(2)}${cpu}`,
    ...(medium === "disk" ? { goal } : {}),
  };
}

function lineOf(
  { op, concurrency, subject, medium }: Pick<Line, "op" | "concurrency" | "subject" | "medium">,
  { rps, p50Ms, cpuMs }: Figures,
  rowsWritten: number | null,
): Line {
  const cpu_ms = Number.isNaN(cpuMs) ? null : cpuMs;
  return { op, concurrency, subject, medium, rps, p50_ms: p50Ms, cpu_ms, rows_written: rowsWritten, ratio: null };
}
