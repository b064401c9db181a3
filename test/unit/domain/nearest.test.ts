import { expect, it } from "vitest";
import { distanceOf, nearest } from "../../../src/domain/values/nearest.ts";

it.each([
  ["HSOT", ["HOST", "PORT", "MODEL"], "HOST"],
  ["prot", ["port", "host"], "port"],
  ["analyse_sentiment", ["analyze_sentiment", "triage"], "analyze_sentiment"],
  ["Analyze-Sentiment", ["analyze_sentiment"], "analyze_sentiment"],
  ["TOSH", ["HOST"], undefined],
  ["ab", ["cd"], undefined],
])("%j among %j is meant as %j", (name, known, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

it("counts two neighbours that have changed places as one slip, and equal names as none", () => {
  expect([
    distanceOf("host", "hsot"),
    distanceOf("host", "host"),
    distanceOf("ab", "ba"),
    distanceOf("abcd", "badc"),
  ]).toEqual([1, 0, 1, 3]);
});
