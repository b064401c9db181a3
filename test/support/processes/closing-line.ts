import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with the one line that any machine can read: `N passed, N failed`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string): number => states.filter((candidate) => candidate === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandledErrors.length;
    const skipped = count("skipped") > 0 ? `, ${count("skipped")} skipped` : "";
    // Other reporters print theirs in this tick; this one is to be the last.
    process.once("exit", () => console.log(`${count("passed")} passed, ${count("failed") + broken} failed${skipped}`));
  }
}
