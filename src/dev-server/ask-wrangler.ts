import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiled, this folder is JavaScript. */
const ANSWERS = join(import.meta.dirname, `wrangler-answers${extname(import.meta.filename)}`);

const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
export const WRANGLER_VERSION = String(createRequire(import.meta.url)(manifest).version);

/** What wrangler makes of a configuration (`config`) or of migrations (`split`), or one sentence that says why it cannot. */
export async function askWrangler(
  question: "config" | "split",
  files: readonly string[],
): Promise<{ readonly answer: unknown } | { readonly refused: string }> {
  const { stdout, stderr } = await runNode([ANSWERS, question, ...files], {});
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) return { refused: `wrangler did not answer: ${stderr.trim().split("\n")[0]}` };
  // What wrangler warns of is for the person, who reads our stderr.
  if (stderr !== "") process.stderr.write(stderr);
  return JSON.parse(line);
}

/** `wrangler ARGUMENTS…` in a folder, by the Node that runs this: no shell, and no other Node of the PATH. */
export function runWrangler(args: readonly string[], cwd: string): Promise<Run> {
  return runNode([join(dirname(manifest), "bin/wrangler.js"), ...args], { cwd });
}

function runNode(args: readonly string[], { cwd }: { readonly cwd?: string }): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_WRITE_LOGS: "false",
        WRANGLER_HIDE_BANNER: "true",
        NO_COLOR: "1",
      },
    });
    const out = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      out.stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...out }));
  });
}
