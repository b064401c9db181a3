import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { ErrorCode } from "../../../src/define/index.ts";
import {
  AnswerError,
  ApprovalExpired,
  ApprovalRejected,
  ERROR_CODES,
  ExecutionFailure,
  hasCode,
  isErrorCode,
  StepError,
} from "../../../src/define/index.ts";
import type { TurnFailure } from "../../../src/domain/model/conversation.ts";
import { codeOnly } from "../../support/architecture/read-code.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

function sources(...folders: string[]): [path: string, text: string][] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((name) => `${folder}/${name}`)
      .filter((path) => path.endsWith(".ts"))
      .map((path): [string, string] => [path, read(path)]),
  );
}

const THROWN = ["src/engine", "src/define", "src/domain/decide", "src/models", "src/actors"];
const PAGE = read("docs/errors.md");

describe("the codes that a program can catch", () => {
  it("complete and narrow where a program compares them", () => {
    const error: unknown = new StepError("timeout", "too long");
    if (!(error instanceof StepError)) throw error;
    expectTypeOf<"timeout">().toExtend<typeof error.code>();
    if (isErrorCode(error.code)) expectTypeOf(error.code).toExtend<ErrorCode>();
    if (!hasCode(error, "timeout")) throw error;
    expectTypeOf(error.code).toEqualTypeOf<"timeout">();
    // A code of the program's own is as good.
    expect(new StepError("card_declined", "no").code === "card_declined").toBe(true);
  });

  it("are told of an unknown error by class and code, and of nothing else", () => {
    const rejected: unknown = new ApprovalRejected("pay", { decision: "rejected", decidedBy: "ann", feedback: "no" });
    if (!hasCode(rejected, "approval_rejected")) throw rejected;
    expectTypeOf(rejected).toEqualTypeOf<ApprovalRejected>();
    expect(rejected.feedback).toBe("no");
    expect(hasCode(new ApprovalExpired("pay"), "approval_expired")).toBe(true);
    expect(hasCode(new AnswerError("cut_off", "full"), "answer_cut_off")).toBe(true);
    expect(hasCode(new AnswerError("refused", "no"), "answer_refused")).toBe(true);
    expect(hasCode(new ExecutionFailure("own", "mine"), "own")).toBe(true);
    const foreign = Object.assign(new Error("of a library"), { code: "timeout" });
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const other of [foreign, { code: "timeout" }, null, undefined, "timeout", revoked.proxy])
      expect(hasCode(other, "timeout")).toBe(false);
    expect(hasCode(new StepError("timeout", "x"), "withdrawn")).toBe(false);
  });

  it("are told apart from words that every object knows", () => {
    expect(["constructor", "__proto__", "toString", ""].filter(isErrorCode)).toEqual([]);
  });

  it("each say in sentences what they mean and what to do", () => {
    const bad = Object.entries(ERROR_CODES).filter(
      ([, { means, next }]) => !/^["`A-Z].*\.$/.test(means) || !/\.$/.test(next),
    );
    expect(bad).toEqual([]);
  });

  it("hold what the transport to a model fails with", () => {
    expectTypeOf<TurnFailure["code"]>().toExtend<ErrorCode>();
  });
});

describe("the source", () => {
  it("makes errors of Errand's own by the typed makers only", () => {
    // `toStepError` brings back what an entry holds, whoever named the code; `stepError` is the maker itself.
    const allowed = ["src/engine/operations/operation.ts", "src/define/errors.ts"];
    const free = sources(...THROWN).filter(
      ([path, text]) => !allowed.includes(path) && /\bnew StepError\(/.test(codeOnly(text)),
    );
    expect(free.map(([path]) => path)).toEqual([]);
  });

  it("writes no code in an error or a failure that the table lacks", () => {
    const found = sources(...THROWN).flatMap(([path, text]) => {
      const code = codeOnly(text);
      const literals = [
        ...code.matchAll(/\b(?:stepError|entryError|TurnFailure)\(\s*"(\w+)"/g),
        ...code.matchAll(/\btype: "fail",\s*code: "(\w+)"/g),
        ...code.matchAll(/\berror = \{ code: "(\w+)"/g),
        ...code.matchAll(/\berror: \{ code: "(\w+)"/g),
        ...code.matchAll(/"execution\.failed", data: \{ code: "(\w+)"/g),
        ...code.matchAll(/\bnew ExecutionFailure\("(\w+)"/g),
      ];
      return literals.map(([, literal = ""]) => ({ path, literal }));
    });
    expect(found.length).toBeGreaterThan(30);
    expect(found.filter(({ literal }) => !isErrorCode(literal))).toEqual([]);
  });

  it("names no code in the docstrings of the verbs that the table lacks", () => {
    const named = [...read("src/define/context.ts").matchAll(/Rejects with ([^.]*)\./g)].flatMap(([, codes = ""]) =>
      [...codes.matchAll(/`([a-z_]+)`/g)].map(([, code = ""]) => code),
    );
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((code) => !isErrorCode(code))).toEqual([]);
  });
});

describe("docs/errors.md", () => {
  const rows = new Map(
    [...PAGE.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(([, code = "", means = "", next = ""]) => [
      code,
      { means, next },
    ]),
  );

  it("has a row for each code, in the words of the table, and no other", () => {
    const table = new Map(Object.entries(ERROR_CODES).map(([code, { means, next }]) => [code, { means, next }]));
    expect(rows).toEqual(table);
  });
});
