/** Files of an execution on the engine: the 48 hours with a moved clock, and what the model gets of them. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import { fileBlock } from "../../../src/define/file-block.ts";
import type { StoredFile } from "../../../src/domain/execution/stored-file.ts";
import { FILE_RETENTION_MS, fileKeys } from "../../../src/domain/execution/stored-file.ts";
import type { InvariantView } from "../../../src/domain/invariants/entries.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import type { Timing } from "../../../src/engine/ports.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { run, types, worldOf } from "../../support/simulator/small-world.ts";

const UPLOAD = "2026-11-21T08-aa";
const file = (name: string, mediaType: StoredFile["mediaType"], content: string) => ({
  item: { name, mediaType, size: content.length, digest: `digest of ${content}` },
  bytes: new TextEncoder().encode(content),
});
const NOTE = file("note.txt", "text/plain", "hello");
const SCAN = file("scan.png", "image/png", "pixels");
const KEYS = fileKeys({ tenant: "t", id: ROOT }, { upload: UPLOAD, items: [NOTE.item, SCAN.item] });

function worldWithFiles(main: Programs[string], seed = 7, timing: Partial<Timing> = {}): SimWorld {
  const world = worldOf({ now: { main } }, { seed, timing, files: { upload: UPLOAD, items: [NOTE.item, SCAN.item] } });
  for (const [index, { bytes }] of [NOTE, SCAN].entries()) world.files.set(KEYS[index] ?? "", bytes);
  return world;
}

const askAbout = (ctx: Context, files: readonly StoredFile[]) =>
  ctx.generate({
    maxTokens: 10,
    messages: [{ role: "user", content: [...files.map(fileBlock), { type: "text", text: "?" }] }],
  });
const codeOf = (error: unknown) => (error instanceof StepError ? error.code : String(error));
const turns = (world: SimWorld) =>
  world.trace.filter((label) => label.startsWith("turn ") && !label.endsWith("answered"));
const endOf = (world: SimWorld) => world.root.view.events.find(({ type }) => type === "execution.succeeded")?.data;
const expiredAt = (world: SimWorld) => world.root.view.events.find(({ type }) => type === "files.expired")?.atMs;

describe("files of an execution", () => {
  it("are listed for the program, and reach the model as image and document blocks", async () => {
    const world = worldWithFiles(async (ctx) => {
      await askAbout(ctx, ctx.files);
      return ctx.files.map(({ name, mediaType, size }) => ({ name, mediaType, size }));
    });
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(turns(world)).toEqual([
      `turn ${JSON.stringify([
        {
          role: "user",
          content: [
            { type: "document", mediaType: "text/plain", data: btoa("hello"), title: "note.txt" },
            { type: "image", mediaType: "image/png", data: btoa("pixels") },
            { type: "text", text: "?" },
          ],
        },
      ])}`,
    ]);
  });

  it("are in the journal by name and digest, never by content", async () => {
    const world = worldWithFiles((ctx) => askAbout(ctx, ctx.files));
    await run(world);
    const log = JSON.stringify(world.root.view.events);
    expect(log).toContain("digest of hello");
    expect(log).not.toContain(btoa("hello"));
  });

  it("that were not sent, or had another content, are refused before the model is asked", async () => {
    const world = worldWithFiles(async (ctx) => {
      const strange = await askAbout(ctx, [{ ...NOTE.item, name: "../other" }]).catch(codeOf);
      const changed = await askAbout(ctx, [{ ...NOTE.item, digest: "another" }]).catch(codeOf);
      return [strange, changed];
    });
    await run(world);
    expect(endOf(world)).toEqual({ output: ["file_not_found", "file_not_found"] });
    expect(world.paid.turns).toBe(0);
  });

  it("that are gone from the store are an error with a code of its own", async () => {
    const world = worldWithFiles((ctx) => askAbout(ctx, ctx.files).catch(codeOf));
    world.files.clear();
    await run(world);
    expect(endOf(world)).toEqual({ output: "file_missing" });
  });

  it("are read again when the store could not be reached", async () => {
    const world = worldWithFiles((ctx) => askAbout(ctx, ctx.files).then(() => "told", codeOf));
    const { files } = world;
    const get = files.get.bind(files);
    let failures = 2;
    files.get = (key) => {
      failures -= 1;
      if (failures >= 0) throw new Error("the bucket is away");
      return get(key);
    };
    await run(world);
    expect(endOf(world)).toEqual({ output: "told" });
    expect(world.paid.turns).toBe(1);
  });
});

describe("after 48 hours the files of an execution", () => {
  it("are removed when it ended long before, and nothing else wakes it", async () => {
    const world = worldWithFiles(async () => "done");
    await run(world, () => world.root.view.state?.status === "succeeded");
    expect(world.files.size).toBe(2);
    await run(world);
    expect(types(world).slice(-2)).toEqual(["execution.succeeded", "files.expired"]);
    expect(expiredAt(world)).toBe((world.root.view.events[0]?.atMs ?? 0) + FILE_RETENTION_MS);
    expect([world.files.size, world.root.view.timers.size, world.root.owed.size]).toEqual([0, 0, 0]);
    expect(world.root.view.alarmAtMs).toBeUndefined();
    expect(world.wrongs).toEqual([]);
  });

  it.each([
    ["failed", (ctx: Context) => ctx.fail("no", "no")],
    [
      "cancelled",
      (ctx: Context, world: SimWorld) =>
        ctx.effect("x", null, {}, () => world.dispatch(ROOT, { type: "cancel", by: "eve" })),
    ],
  ])("are removed when it %s", async (status, main) => {
    const world = worldWithFiles(async (ctx, made) => main(ctx, made));
    await run(world);
    expect([world.root.view.state?.status, world.files.size]).toEqual([status, 0]);
  });

  it("are removed while it sleeps, and the sleep goes on", async () => {
    const world = worldWithFiles(async (ctx) => {
      await ctx.sleep(2 * FILE_RETENTION_MS);
      return askAbout(ctx, ctx.files).catch(codeOf);
    });
    await run(world);
    expect(endOf(world)).toEqual({ output: "file_expired" });
    expect(world.root.view.state?.status).toBe("succeeded");
    expect([world.files.size, world.paid.turns]).toEqual([0, 0]);
  });

  it("are removed while an operator holds it", async () => {
    const world = worldWithFiles(async (ctx) => ctx.sleep(1_000));
    await world.quiet();
    world.dispatch(ROOT, { type: "pause", by: "eve" });
    await run(world, () => expiredAt(world) !== undefined && world.files.size === 0);
    expect(world.root.view.state?.status).toBe("paused");
    // To the millisecond: not when somebody next looks.
    expect(expiredAt(world)).toBe((world.root.view.events[0]?.atMs ?? 0) + FILE_RETENTION_MS);
  });

  it("are removed before the log is forgotten, however soon that is to be", async () => {
    const world = worldWithFiles(async () => "done", 7, { retentionMs: 3_600_000 });
    await run(world);
    expect([types(world), world.files.size, world.root.view.timers.size]).toEqual([["log.archived"], 0, 0]);
    expect(world.wrongs).toEqual([]);
  });

  it("are removed although the store is away at first", async () => {
    const world = worldWithFiles(async () => "done");
    const remove = world.files.delete.bind(world.files);
    let failures = 4;
    world.files.delete = (key) => {
      failures -= 1;
      if (failures >= 0) throw new Error("the bucket is away");
      return remove(key);
    };
    await run(world);
    expect([world.files.size, world.root.owed.size]).toEqual([0, 0]);
    expect(types(world).filter((type) => type === "files.expired")).toHaveLength(1);
  });

  it("are removed at whatever moment its process dies or is evicted", async () => {
    for (let at = 0; at < 40; at += 1) {
      for (const harm of ["crash", "evict"] as const) {
        const world = worldWithFiles(async (ctx) => askAbout(ctx, ctx.files).then(() => "told", codeOf), at);
        for (let tick = 0; tick < 400; tick += 1) {
          await world.quiet();
          if (tick === at || tick === at + 9) world[harm]();
          if (!(await world.tick()) && tick > at + 9) break;
        }
        expect([harm, at, world.root.view.state?.status, world.files.size]).toEqual([harm, at, "succeeded", 0]);
        expect(types(world).filter((type) => type === "files.expired")).toHaveLength(1);
        expect(world.wrongs).toEqual([]);
      }
    }
  });
});

describe("an execution that keeps files", () => {
  const checked = async (change: (view: InvariantView) => InvariantView) => {
    const world = worldWithFiles(async () => "done");
    await run(world, () => world.root.view.state?.status === "succeeded");
    const { events, state, timers, alarmAtMs } = world.root.view;
    if (!state || alarmAtMs === undefined) throw new Error("it has ended, and its alarm stands");
    const reports = checkInvariants(change({ events, state, timers, alarmAtMs, now: world.now }));
    return reports.filter(({ verdict }) => verdict === "violated").map(({ promise }) => promise);
  };

  it("has a timer and an alarm for their removal, and is stuck without (P1, P8)", async () => {
    expect(await checked((view) => view)).toEqual([]);
    expect(await checked(({ alarmAtMs: _, ...view }) => view)).toEqual(["P1"]);
    expect(await checked((view) => ({ ...view, timers: new Map() }))).toEqual(["P8"]);
  });
});
