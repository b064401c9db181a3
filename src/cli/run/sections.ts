/** A run as people read it: its sections, in the order in which they come about. */
import type { Block, Cell, Tone } from "../output/blocks.ts";
import { text, toned } from "../output/blocks.ts";
import type { RunDetails } from "./envelope.ts";

const WIDTH = 80;
const DOUBLE = "=".repeat(WIDTH);
const SINGLE = "-".repeat(WIDTH);

export function beginning({ agent, task_context: task }: RunDetails, name: string): Block[] {
  const known: Block[] = agent
    ? [
        text(`Agent: ${agent.name} v${agent.version}`),
        text(`Mode: ${agent.reasoning_mode}`),
        text(`Status: ${agent.status}`),
      ]
    : [];
  const about: Block[] = task ? [text(""), text(`Task: ${task}`)] : [];
  return [...banner(`AGENT EXECUTION: ${name}`), text(""), ...known, ...about];
}

export function answer({ claude_response: plan }: RunDetails): Block[] {
  return [...section("CLAUDE RESPONSE:"), plan ? { kind: "json", value: plan } : text("(none)")];
}

type Ran = NonNullable<RunDetails["execution_results"]>[number];

const MARKS: Readonly<Record<Ran["status"], readonly [string, Tone]>> = {
  success: ["✓", "good"],
  simulated: ["✓", "good"],
  failed: ["✗", "bad"],
  skipped: ["-", "dim"],
};

export function results({ execution_results: ran = [] }: RunDetails): Block[] {
  const each = ran.flatMap(({ skill, purpose, status, error }): Block[] => {
    const [mark, tone] = MARKS[status];
    return [
      text(""),
      text(toned(tone, `${mark} ${skill}`)),
      text(`  Purpose: ${purpose}`),
      text(`  Status: ${status}`),
      ...(error === undefined ? [] : [text(toned("bad", `  Error: ${error}`))]),
    ];
  });
  return [...section("EXECUTION RESULTS:"), ...(each.length > 0 ? each : [text(""), text("(no skill ran)")])];
}

export function ending(
  ok: boolean,
  { logPath, error }: { readonly logPath?: string | undefined; readonly error?: string | undefined },
): Block[] {
  return [
    ...(error === undefined ? [] : [text(""), text(toned("bad", `Error: ${error}`))]),
    ...(logPath === undefined ? [] : [text(""), text(`📝 Log saved to: ${logPath}`)]),
    text(""),
    ...banner(ok ? "EXECUTION COMPLETE" : "EXECUTION FAILED"),
  ];
}

function banner(title: string): Block[] {
  return [text(DOUBLE), text(strong(title)), text(DOUBLE)];
}

function section(title: string): Block[] {
  return [text(""), text(SINGLE), text(strong(title)), text(SINGLE)];
}

function strong(title: string): Cell {
  return toned("strong", title);
}
