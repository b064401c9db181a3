import metadata from "libphonenumber-js/min/metadata";
import { expect, test } from "vitest";
import { callingCodeOf } from "../../../src/contract/privacy/mask/calling-codes.ts";

/** The library's own data: of each calling code, the lengths that its main country allows. */
function plans(): [string, readonly number[]][] {
  const {
    country_calling_codes,
    countries,
    nonGeographic = {},
  } = metadata as unknown as {
    readonly country_calling_codes: Record<string, string[]>;
    readonly countries: Record<string, readonly unknown[]>;
    readonly nonGeographic?: Record<string, readonly unknown[]>;
  };
  const lengths = (plan: readonly unknown[] | undefined) => (plan?.[3] ?? []) as number[];
  return [
    ...Object.entries(country_calling_codes).map(([code, [main = ""]]) => [code, lengths(countries[main])] as const),
    ...Object.entries(nonGeographic).map(([code, plan]) => [code, lengths(plan)] as const),
  ].map(([code, found]) => [code, found]);
}

test("our table of calling codes is the one of the world's numbering plans", () => {
  expect(plans().length).toBeGreaterThan(200);
  for (const [code, lengths] of plans()) {
    const ours = Array.from({ length: 20 }, (_, length) => length).filter(
      (length) => callingCodeOf(code + "2".repeat(length)) === code,
    );
    expect([code, ours]).toEqual([code, [...lengths].sort((a, b) => a - b)]);
  }
});

test("what no country begins with is none", () => {
  for (const digits of ["", "0123456789", "999123456789", "2101234567"]) expect(callingCodeOf(digits)).toBeUndefined();
});
