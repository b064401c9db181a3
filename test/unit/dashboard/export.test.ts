import { expect, test } from "vitest";
import { joinedExport } from "../../../src/dashboard/executions/export.ts";

/** Answers by the cursor that is asked for, in pieces of three characters. */
function served(answers: Readonly<Record<string, string>>) {
  const asked: (string | undefined)[] = [];
  const pages = async function* (cursor: string | undefined) {
    asked.push(cursor);
    const answer = answers[cursor ?? "first"] ?? "";
    for (let at = 0; at < answer.length; at += 3) yield answer.slice(at, at + 3);
  };
  return { asked, pages };
}

test("JSON lines of several answers are one text, without the lines that name the next answer", async () => {
  const { asked, pages } = served({ first: '{"id":1}\n{"next_cursor":"c1"}\n', c1: '{"id":2,"next_cursor":"mine"}\n' });
  const counts: number[] = [];
  const joined = await joinedExport({ format: "jsonl", pages, onPage: (records) => counts.push(records) });
  expect(joined).toEqual({ text: '{"id":1}\n{"id":2,"next_cursor":"mine"}\n', records: 2, isWhole: true });
  expect(asked).toEqual([undefined, "c1"]);
  expect(counts).toEqual([1, 2]);
});

test("CSV of several answers has one header; a line end within quotes ends no record", async () => {
  const { pages } = served({
    first: 'id,error,next_cursor\r\n1,"two\nlines, ""quoted""",\r\n,,c1\r\n',
    c1: "id,error,next_cursor\r\n2,,\r\n",
  });
  const joined = await joinedExport({ format: "csv", pages, onPage: () => {} });
  expect(joined.text).toBe('id,error,next_cursor\r\n1,"two\nlines, ""quoted""",\r\n2,,\r\n');
  expect(joined.records).toBe(2);
});

test("a record of nothing but empty fields is kept", async () => {
  const { pages } = served({ first: "id,next_cursor\r\n,\r\n" });
  expect(await joinedExport({ format: "csv", pages, onPage: () => {} })).toMatchObject({ records: 1, isWhole: true });
});
