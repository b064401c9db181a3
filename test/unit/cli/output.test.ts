import { describe, expect, it } from "vitest";
import { Failure } from "../../../src/cli/frame/failure.ts";
import { failureOf } from "../../../src/cli/frame/failure-of.ts";
import { commandLine } from "../../../src/cli/frame/quote.ts";
import { byPrefix } from "../../../src/cli/ids/prefix.ts";
import type { Block } from "../../../src/cli/output/blocks.ts";
import { linesOf } from "../../../src/cli/output/lines.ts";
import { Output } from "../../../src/cli/output/output.ts";
import { harmless, hasColours, jsonText, painter, widthOf } from "../../../src/cli/output/style.ts";
import { duration } from "../../../src/cli/output/words.ts";
import { ProblemError, TransportError } from "../../../src/client/transport/errors.ts";
import { problemOf } from "../../../src/contract/problem.ts";
import type { Trace } from "../../../src/domain/read-models/waterfall.ts";
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import { FAULTS, refuse } from "../../../src/domain/values/fault.ts";

const plain = { paint: painter(false), width: Number.POSITIVE_INFINITY };
const ESCAPE = "\u001b[31m";

function capture(json: boolean) {
  const printed = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof printed) =>
    ({
      write(text: string) {
        printed[name] += text;
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const streams = { stdout: stream("stdout"), stderr: stream("stderr"), env: {} };
  return { output: new Output(streams, { json }), printed };
}

describe("a result", () => {
  const result = {
    document: { id: "exec_1" },
    view: [{ kind: "text", text: "It is done." }] as readonly Block[],
    next: [{ command: "errand executions show exec_1", description: "shows it" }],
    warnings: ["it was late"],
  };

  it("is for people on stdout, with other words and what to do next on stderr", () => {
    const { output, printed } = capture(false);
    output.result(result);
    expect(printed.stdout).toBe("It is done.\n");
    expect(printed.stderr).toBe("warning: it was late\n\nNext:\n  errand executions show exec_1  # shows it\n");
  });

  it("is one document with --json, and nothing else", () => {
    const { output, printed } = capture(true);
    output.result(result);
    expect(JSON.parse(printed.stdout)).toEqual({ id: "exec_1", next_steps: result.next });
    expect(printed.stderr).toBe("");
  });
});

describe("a failure", () => {
  it("is a document with kind, message, causes, plan and next steps", () => {
    const { output, printed } = capture(true);
    const next = [{ command: "errand doctor", description: "looks" }];
    output.failure(new Failure("network", "No answer.", { causes: ["refused"], plan: ["Does it."], next, code: "x" }));
    expect(JSON.parse(printed.stdout)).toEqual({
      error: {
        kind: "network",
        message: "No answer.",
        code: "x",
        causes: ["refused"],
        plan: ["Does it."],
        next_steps: next,
      },
    });
  });

  const statuses = {
    400: "usage",
    401: "auth",
    403: "auth",
    404: "not_found",
    405: "usage",
    409: "failed",
    413: "usage",
    429: "server",
    500: "server",
    503: "server",
  };
  it.each(Object.keys(FAULTS) as FaultCode[])("of the server has a kind by its status: %s", (code) => {
    const { kind, told } = failureOf(new ProblemError(problemOf(refuse(code, "because"), "req_1")), "http://x");
    const expected =
      statuses[FAULTS[code].status as keyof typeof statuses] ?? (FAULTS[code].status >= 500 ? "server" : "usage");
    expect([code, kind, told.code, told.requestId]).toEqual([code, expected, code, "req_1"]);
  });

  it("of a move that does not fit leads to those that do", () => {
    const refusal = {
      ...refuse("invalid_state", "it has ended"),
      executionId: "exec_1",
      moves: { status: "failed", possible: ["restart", "note"] },
    };
    const { told } = failureOf(new ProblemError(problemOf(refusal as never, "req_1")), "http://x");
    expect(told.next?.map(({ command }) => command)).toContain("errand executions restart exec_1");
  });

  it("without an answer says why, and how a server of this machine is started", () => {
    const cause = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    const { kind, told } = failureOf(new TransportError("GET /x got no answer", { cause }), "http://127.0.0.1:8787");
    expect([kind, told.causes?.at(-1), told.next?.[0]?.command]).toEqual([
      "network",
      "connect ECONNREFUSED",
      "errand dev",
    ]);
    expect(failureOf(new TransportError("no answer"), "https://errand.example.com").told.next).toHaveLength(1);
  });
});

describe("colours", () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{}, {}, false],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: true }, { NO_COLOR: "" }, true],
    [{}, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    [{ isTTY: true }, { FORCE_COLOR: "0" }, false],
    [{ isTTY: true }, { TERM: "dumb" }, false],
  ])("of %j with %j: %s", (stream, env, expected) => {
    expect(hasColours(stream, env)).toBe(expected);
  });

  it("are no reason to print what others wrote as it is", () => {
    expect(painter(true)({ text: `a${ESCAPE}b`, tone: "bad" })).toBe("\u001b[31ma�[31mb\u001b[39m");
  });
});

describe("what others wrote", () => {
  it.each(["\u001b[2J", "\u009b2J", "\u0007", "a\rb", "\u202e", "\u2066", "\u0000"])(
    "commands no terminal: %j",
    (text) => {
      expect(harmless(text)).toContain("�");
      expect(JSON.parse(jsonText({ text }))).toEqual({ text });
      expect(jsonText({ text })).toMatch(/^[\x20-\x7e]+$/);
    },
  );

  it("keeps its lines and its letters", () => {
    expect(harmless("größer\n\tals 📝")).toBe("größer\n\tals 📝");
  });
});

describe("a table", () => {
  const table: Block = {
    kind: "table",
    head: ["ID", "WHY"],
    rows: [
      ["exec_1", "a\nb"],
      ["exec_22", "x".repeat(90)],
    ],
    empty: "Nothing.",
  };

  it("has a row a line, and columns that stand below each other", () => {
    const lines = linesOf(table, plain);
    expect(lines.slice(0, 2)).toEqual(["ID       WHY", "exec_1   a b"]);
    expect(lines).toHaveLength(3);
  });

  it("is cut to a terminal in its last column, and never in its ids", () => {
    const lines = linesOf(table, { ...plain, width: 40 });
    expect(lines[2]).toBe(`exec_22  ${"x".repeat(30)}…`);
    expect(widthOf({ isTTY: true, columns: 120 }, { CI: "true" })).toBe(Number.POSITIVE_INFINITY);
  });

  it("without rows is a sentence", () => {
    expect(linesOf({ ...table, rows: [] } as Block, plain)).toEqual(["Nothing."]);
  });
});

describe("a waterfall", () => {
  const span = {
    key: "a",
    kind: "step",
    label: "look",
    depth: 0,
    seq: 1,
    endSeq: 2,
    tries: [],
    childId: undefined,
    gateId: undefined,
    error: undefined,
  } as const;
  const trace: Trace = {
    ...{ phases: [], startMs: 1_000, lastMs: 5_000, ended: true },
    spans: [
      { ...span, status: "done", startMs: 1_000, endMs: 3_000 },
      { ...span, key: "b", label: "pay", status: "failed", startMs: 3_000, endMs: 5_000, error: "no money\nat all" },
    ],
  };

  it("has a bar for each thing on one axis of time, and what failed", () => {
    const [first = "", second = "", error] = linesOf({ kind: "waterfall", trace }, plain);
    expect(first).toMatch(/^✓ step look +█{20} {20} +2\.0 s$/);
    expect(second).toMatch(/^✗ step pay +█{20} +2\.0 s$/);
    expect(second.indexOf("█")).toBe(first.indexOf("█") + 20);
    expect(error?.trim()).toBe("no money");
  });
});

describe("on a terminal", () => {
  const terminal = { paint: painter(false), width: 40 };
  const long = "x".repeat(600);

  it("long texts within JSON are shortened, and lines of a log are cut; in a pipe they are whole", () => {
    const json: Block = { kind: "json", value: { a: [long], b: "short" } };
    const shown = JSON.parse(linesOf(json, terminal).join("\n"));
    expect(shown).toEqual({ a: [`${"x".repeat(500)}… (600 characters; --json prints them)`], b: "short" });
    expect(JSON.parse(linesOf(json, plain).join("\n"))).toEqual({ a: [long], b: "short" });
    const line: Block = { kind: "line", text: long };
    expect([linesOf(line, terminal)[0]?.length, linesOf(line, plain)[0]?.length]).toEqual([40, 600]);
  });
});

describe("small things", () => {
  it("quotes what a shell would read", () => {
    expect(commandLine(["run", "a.b", "it's; $x", ""])).toBe(`errand run a.b 'it'\\''s; $x'`);
  });

  it.each([
    [5, "5 ms"],
    [1_500, "1.5 s"],
    [61_000, "1 min 1 s"],
    [3_660_000, "1 h 1 min"],
    [200 * 3_600_000, "8 d 8 h"],
  ])("says %d as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("takes the first letters of an id where they fit one alone", () => {
    const about = { what: "execution", list: "errand executions list" };
    expect(byPrefix("ab", ["abc", "acc"], about)).toBe("abc");
    expect(byPrefix("abc", ["abc", "abcd"], about)).toBe("abc");
    expect(() => byPrefix("a", ["abc", "acc"], about)).toThrow("a is the beginning of 2 ids");
    expect(() => byPrefix("x", ["abc"], about)).toThrow("There is no execution x.");
  });
});

describe("a refusal of the server", () => {
  const refusal = (detail: string, errors: { path: string; message: string }[] = []) =>
    failureOf(
      new ProblemError({ ...problemOf(refuse("invalid_input", "x", errors), "req_1"), detail }, 400),
      "http://h",
    );

  it("names no calls of the API, and says one fault once", () => {
    const call = "there is no such function; did you mean a.b? List what exists with GET /api/v1/agents.";
    expect(refusal(call).message).toBe("there is no such function; did you mean a.b?");
    expect(refusal("what was sent is no key. Send Authorization: Bearer KEY.").message).toBe(
      "what was sent is no key.",
    );
    const one = refusal("every: must be a duration. Correct it.", [{ path: "every", message: "must be a duration" }]);
    expect([one.message, one.told.causes]).toEqual(["every: must be a duration. Correct it.", []]);
  });
});
