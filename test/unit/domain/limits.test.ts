import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readSettings } from "../../../src/dev-server/settings.ts";
import type { LimitName } from "../../../src/domain/values/limits.ts";
import { DEFAULT_LIMITS, inWords, LIMITS, readLimits } from "../../../src/domain/values/limits.ts";

const names = Object.keys(LIMITS) as LimitName[];
const guide = readFileSync(resolve(import.meta.dirname, "../../../docs/limits.md"), "utf8");

describe("a cap", () => {
  test.each(names)("has a setting, a default and its line in the guide: %s", (name) => {
    const { setting, usual } = LIMITS[name];
    expect(readLimits({})[name]).toBe(usual);
    expect(readLimits({ [setting]: "7" })[name]).toBe(7);
    expect(inWords(name, DEFAULT_LIMITS)).toContain(`${usual}`);
    expect(inWords(name, DEFAULT_LIMITS)).toContain(setting);
    expect(guide).toContain(`\`${setting}\``);
  });

  test.each(["0", "-1", "1.5", "many", "1e99"])(
    "that is set to %s has its default, and a laptop does not start",
    (text) => {
      expect(readLimits({ ERRAND_MAX_SOCKETS: text })).toEqual(DEFAULT_LIMITS);
      expect(readSettings({ ERRAND_MAX_SOCKETS: text }, "/")).toMatch(
        /^ERRAND_MAX_SOCKETS must be a whole number from 1/,
      );
    },
  );
});
