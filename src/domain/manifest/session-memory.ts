/**
 * What an agent remembers of its earlier runs in a session: the newest in full, older ones in a line each, the oldest as a
 * number. So what the model is told of them stays bounded, however long a session goes on.
 */
import * as z from "zod";

export const SESSION_LIMITS = {
  /** Runs that are told in full. */
  full: 5,
  /** Older ones that are told in a line. */
  lines: 20,
  /** Characters of each text of a run that is told in full, and of a line. */
  text: 2_000,
  line: 200,
} as const;

const Line = z.object({ task: z.string(), analysis: z.string(), success: z.boolean() });
const Run = Line.extend({
  skills: z.array(z.object({ skill: z.string(), status: z.string(), output: z.string().optional() })),
});

export const SessionMemory = z.object({
  runs: z.array(Run),
  lines: z.array(Line),
  /** Runs before these. */
  dropped: z.number().int(),
});
export type SessionMemory = z.infer<typeof SessionMemory>;
export type RememberedRun = z.infer<typeof Run>;

export const NOTHING: SessionMemory = { runs: [], lines: [], dropped: 0 };

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** The memory with one more run. */
export function remembering({ runs, lines, dropped }: SessionMemory, run: RememberedRun): SessionMemory {
  const { full, lines: mostLines, text, line } = SESSION_LIMITS;
  const share = Math.max(line, Math.floor(text / Math.max(1, run.skills.length)));
  const newest = {
    task: cut(run.task, text),
    analysis: cut(run.analysis, text),
    success: run.success,
    skills: run.skills.slice(0, 10).map(({ skill, status, output }) => ({
      ...{ skill, status },
      ...(output === undefined ? {} : { output: cut(output, share) }),
    })),
  };
  const all = [...runs, newest];
  const older = all.slice(0, Math.max(0, all.length - full));
  const short = older.map(({ task, analysis, success }) => ({
    ...{ task: cut(task, line), analysis: cut(analysis, line), success },
  }));
  const told = [...lines, ...short];
  return {
    runs: all.slice(-full),
    lines: told.slice(-mostLines),
    dropped: dropped + Math.max(0, told.length - mostLines),
  };
}

/** As the model is told it; `undefined` where there is nothing to tell. */
export function sessionText({ runs, lines, dropped }: SessionMemory): string | undefined {
  if (runs.length === 0 && lines.length === 0) return undefined;
  const how = (success: boolean) => (success ? "done" : "failed");
  return [
    ...(dropped > 0 ? [`${dropped} earlier runs are left out.`] : []),
    ...lines.map(({ task, analysis, success }) => `- ${task} (${how(success)}): ${analysis}`),
    ...runs.map(({ task, analysis, success, skills }) => {
      const told = skills.map(({ skill, status, output }) => `  - ${skill}: ${status}${output ? ` ${output}` : ""}`);
      return [`- ${task} (${how(success)}): ${analysis}`, ...told].join("\n");
    }),
  ].join("\n");
}
