/** What a model writes, on a terminal while it is written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonIndent } from "../../../src/cli/output/json-indent.ts";
import { LiveText } from "../../../src/cli/output/live-text.ts";
import { painter } from "../../../src/cli/output/style.ts";

/** The text in pieces that end where they like. */
function pieces(text: string, cuts: readonly number[]): string[] {
  const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
  return ends.map((end, at) => text.slice(at === 0 ? 0 : ends[at - 1], end));
}

describe("JSON in pieces", () => {
  it("is indented as if it had come whole, however it is cut and spaced", () => {
    const value = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()));
    const spaces = fc.constantFrom(undefined, 1, 3);
    fc.assert(
      fc.property(value, spaces, fc.array(fc.nat()), (json, space, cuts) => {
        const indent = new JsonIndent();
        const shown = pieces(JSON.stringify(json, null, space), cuts).map((piece) => indent.add(piece));
        expect(shown.join("")).toBe(JSON.stringify(json, null, 2));
      }),
    );
  });

  it("passes as it is when it does not begin as JSON", () => {
    const indent = new JsonIndent();
    expect(["\n I plan", " [1, 2]: ", "{}"].map((piece) => indent.add(piece)).join("")).toBe("I plan [1, 2]: {}");
  });
});

describe("live text", () => {
  function written(): { readonly live: LiveText; readonly shown: () => string } {
    let all = "";
    const live = new LiveText((text) => {
      all += text;
    }, painter(false));
    return { live, shown: () => all };
  }

  it("stands behind a bar, and its line is ended once", () => {
    const { live, shown } = written();
    live.add("one\ntw");
    live.add("o");
    live.close();
    live.close();
    live.add("three");
    expect(shown()).toBe("       │ one\n       │ two\n       │ three");
  });

  it("commands no terminal, and halves no character", () => {
    const { live, shown } = written();
    live.add("\u001b[2J \ud83d");
    expect(shown()).toBe("       │ �[2J ");
    live.add("\ude00!");
    expect(shown()).toBe("       │ �[2J 😀!");
  });
});
