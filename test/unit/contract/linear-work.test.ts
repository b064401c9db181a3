/** What touches a caller's data is linear in it: timed at a quarter and at the whole of the limit, in the same run. */
import { describe, expect, test } from "vitest";
import { BODY_BYTES } from "../../../src/contract/body-limits.ts";
import { maskDeep, maskPersonalData } from "../../../src/contract/privacy/mask.ts";
import { canonicalJson } from "../../../src/domain/values/json.ts";
import { firstObject, jsonExample } from "../../../src/domain/values/json-example.ts";
import { parseStrictJson } from "../../../src/domain/values/strict-json.ts";
import { eventData } from "../../../src/models/server-sent-events.ts";
import { safeFileName } from "../../../src/operations/executions/file-name.ts";
import { growthOf, growthOfAsync } from "../../support/limits/growth.ts";
import { filledWith, objectOf, WORST_KEYS, WORST_TEXTS } from "../../support/limits/worst-texts.ts";

const MIB = 1_048_576;
const texts = Object.entries(WORST_TEXTS);
const keys = Object.entries(WORST_KEYS);

describe("text", { timeout: 60_000 }, () => {
  test.each(texts)("is masked in a time that grows with it: %s", (_name, textOf) => {
    expect(growthOf(MIB / 8, textOf, maskPersonalData)).toMatchObject({ isLinear: true });
  });

  test.each(texts)("becomes a file's name in no time: %s", (_name, textOf) => {
    expect(growthOf(MIB / 16, textOf, safeFileName)).toMatchObject({ isLinear: true });
  });

  test.each(texts)("is searched for JSON in a time that grows with it: %s", (_name, textOf) => {
    expect(growthOf(MIB / 8, textOf, firstObject)).toMatchObject({ isLinear: true });
    const example = (text: string) => jsonExample({ type: "object", properties: {}, required: [] }, text);
    expect(growthOf(MIB / 8, textOf, example)).toMatchObject({ isLinear: true });
  });
});

describe("an object", { timeout: 60_000 }, () => {
  test.each(keys)("of many keys is parsed in a time that grows with it: %s", (_name, keyOf) => {
    const growth = growthOf(BODY_BYTES.start / 2, (size) => objectOf(keyOf, size), parseStrictJson);
    expect(growth).toMatchObject({ isLinear: true });
  });

  test.each(keys)("of many keys is masked and made canonical likewise: %s", (_name, keyOf) => {
    const made = (size: number): unknown => JSON.parse(objectOf(keyOf, size, '"+49 30 1234567"'));
    expect(growthOf(MIB / 8, made, maskDeep)).toMatchObject({ isLinear: true });
    expect(growthOf(MIB / 8, made, canonicalJson)).toMatchObject({ isLinear: true });
  });

  test("with 8,000 keys that look alike once masked keeps all of them", () => {
    const value = Object.fromEntries(Array.from({ length: 8_000 }, (_, n) => [`a${n}@example.com`, n]));
    const masked = Object.entries(maskDeep(value) as Record<string, number>);
    expect(masked.map(([, field]) => field)).toEqual(Object.values(value));
    expect(masked.map(([key]) => key).slice(0, 3)).toEqual(["a***@e***.com", "a***@e***.com (2)", "a***@e***.com (3)"]);
  });
});

describe("a deep value", { timeout: 60_000 }, () => {
  const LEVELS = 60;
  const around = (inner: string) => `${'{"a":['.repeat(LEVELS / 2)}${inner}${"]}".repeat(LEVELS / 2)}`;
  const deep = (size: number) => around(objectOf((index) => `k${index}`, size));

  test("is parsed, masked and made canonical in a time that grows with it", () => {
    expect(growthOf(BODY_BYTES.start, deep, parseStrictJson)).toMatchObject({ isLinear: true });
    expect(growthOf(MIB / 2, (size) => JSON.parse(deep(size)) as unknown, maskDeep)).toMatchObject({
      isLinear: true,
    });
    const canonical = growthOf(MIB / 2, (size) => JSON.parse(deep(size)) as unknown, canonicalJson);
    expect(canonical).toMatchObject({ isLinear: true });
  });

  test("costs the same for each level: what is written once is not copied by the levels around it", () => {
    const nested = (levels: number): unknown => {
      let value: unknown = filledWith("x")(MIB / 4);
      for (let level = 0; level < levels; level += 1) value = { value };
      return value;
    };
    expect(growthOf(400, nested, canonicalJson)).toMatchObject({ isLinear: true });
  });
});

describe("a stream", { timeout: 60_000 }, () => {
  /** In pieces of a kilobyte, as a connection brings it. */
  const piecesOf = (size: number) =>
    Array.from({ length: size / 1_024 }, (_, n) =>
      new TextEncoder().encode((n === 0 ? "data:" : "").padEnd(1_024, "x")),
    );
  const bodyOf = (pieces: readonly Uint8Array[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });

  test("of one endless line is read in a time that grows with it", async () => {
    const read = async (pieces: readonly Uint8Array[]) => {
      for await (const data of eventData(bodyOf(pieces))) expect(data).toHaveLength(1_024 * pieces.length - 5);
    };
    expect(await growthOfAsync(4 * MIB, piecesOf, read)).toMatchObject({ isLinear: true });
  });
});
