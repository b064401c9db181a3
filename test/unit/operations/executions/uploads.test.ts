import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { FilePolicy } from "../../../../src/define/agent.ts";
import type { CreateCommand } from "../../../../src/domain/execution/command.ts";
import { MAX_FILE_BYTES } from "../../../../src/domain/execution/stored-file.ts";
import { freeFileName, safeFileName } from "../../../../src/operations/executions/file-name.ts";
import { typeOfContent, typeOfName } from "../../../../src/operations/executions/file-type.ts";
import { Uploads } from "../../../../src/operations/executions/uploads.ts";
import { JPG, PDF, PNG, text } from "../../../support/files/samples.ts";
import { ORIGIN } from "../../../support/log.ts";

const ALL: FilePolicy = { types: ["txt", "pdf", "jpg", "png"] };

/** A store in memory that can be told to fail. */
function memoryStore() {
  const objects = new Map<string, Uint8Array>();
  const failing = { put: "" };
  return {
    objects,
    failing,
    put: async (key: string, bytes: Uint8Array) => {
      if (failing.put !== "" && key.endsWith(failing.put)) throw new Error("the bucket is away");
      objects.set(key, bytes);
    },
    about: async () => undefined,
    read: async (key: string) => objects.get(key),
    remove: async (keys: readonly string[]) => {
      for (const key of keys) objects.delete(key);
    },
  };
}

function uploadsIn(store = memoryStore()) {
  let uploads = 0;
  const newUpload = () => {
    uploads += 1;
    return `2026-11-21T08-${uploads}`;
  };
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64url");
  return new Uploads({ store, digest, newUpload, log: () => {} });
}

describe("the type of a file", () => {
  it.each([
    ["a PNG", PNG, "png"],
    ["a JPEG", JPG, "jpg"],
    ["a PDF", PDF, "pdf"],
    ["a text", text("Grüße, 世界 👋\r\n\tdone\f"), "txt"],
    ["a text with a byte order mark", text("\ufeffa,b\n1,2\n"), "txt"],
  ])("is read from its content: %s", (_what, bytes, type) => {
    expect(typeOfContent(bytes)).toBe(type);
  });

  it.each([
    ["a GIF", new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0])],
    ["a program", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])],
    ["a ZIP", new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00])],
    ["text in UTF-16", new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x62, 0x00])],
    ["text in Latin-1", new Uint8Array([0x47, 0x72, 0xfc, 0xdf, 0x65])],
    ["text with a zero byte", text("a\0b")],
    ["text with an escape sequence", text("\u001b]0;title\u0007")],
    ["a PNG that was cut after four bytes", PNG.slice(0, 4)],
  ])("is none of ours: %s", (_what, bytes) => {
    expect(typeOfContent(bytes)).toBeUndefined();
  });

  it("is claimed by its extension, in any letter case", () => {
    const names = ["a.txt", "a.PDF", "a.b.Jpg", "a.jpeg", "a.png", "a.exe", "txt", ".txt", "a.pdf.exe", "a."];
    expect(names.map(typeOfName)).toEqual([
      "txt",
      "pdf",
      "jpg",
      "jpg",
      "png",
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("the name of a file", () => {
  it.each([
    ["report.pdf", "report.pdf"],
    ["../../../etc/passwd.txt", "passwd.txt"],
    ["C:\\Users\\ann\\report.pdf", "report.pdf"],
    ["/tmp/./a.txt", "a.txt"],
    ["...hidden.txt", "hidden.txt"],
    ["a\r\nSet-Cookie: x.txt", "a__Set-Cookie_ x.txt"],
    [`a"; filename="b.txt`, "a_; filename=_b.txt"],
    ["a\0.txt", "a_.txt"],
    ["annual\u202efdp.txt", "annual_fdp.txt"],
    ["e\u0301te\u0301.txt", "été.txt"],
    ["報告 👋.txt", "報告 👋.txt"],
    ["\ud800.txt", "_.txt"],
    ["  spaces   within.txt  ", "spaces within.txt"],
  ])("becomes one that is safe anywhere: %j", (given, safe) => {
    expect(safeFileName(given)).toBe(safe);
  });

  it.each(["", "..", ".", "a/", "   ", `${"x".repeat(200)}.txt`, `${"界".repeat(70)}.txt`])(
    "is refused: %j",
    (given) => {
      expect(safeFileName(given)).toBeUndefined();
    },
  );

  it("is made unlike those before it, letter case aside", () => {
    const taken = new Set(["a.txt", "a-2.txt"]);
    expect(freeFileName("A.txt", taken)).toBe("A-3.txt");
    expect(freeFileName("b.txt", taken)).toBe("b.txt");
  });
});

describe("files that a start brings along", () => {
  it("are taken with name, media type, size and digest", () => {
    const checked = uploadsIn().check("a.f", ALL, [
      { name: "one.png", bytes: PNG },
      { name: "one.PNG", bytes: PNG },
      { name: "b/c.txt", bytes: text("hello") },
    ]);
    expect(checked.ok && checked.value.map(({ name, mediaType, size }) => [name, mediaType, size])).toEqual([
      ["one.png", "image/png", PNG.length],
      ["one-2.PNG", "image/png", PNG.length],
      ["c.txt", "text/plain", 5],
    ]);
    expect(checked.ok && checked.value[2]?.digest).toBe("LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ");
  });

  const large = new Uint8Array(MAX_FILE_BYTES + 1).fill(0x61);
  const many = Array.from({ length: 11 }, (_, n) => ({ name: `${n}.txt`, bytes: text("x") }));
  it.each([
    [
      "to a function that takes none",
      undefined,
      [{ name: "a.txt", bytes: text("x") }],
      "unsupported_media_type",
      "a.f takes no files",
    ],
    [
      "of a type it does not take",
      { types: ["pdf"] },
      [{ name: "a.txt", bytes: text("x") }],
      "unsupported_file",
      ".pdf",
    ],
    ["without an extension", ALL, [{ name: "README", bytes: text("x") }], "unsupported_file", "README"],
    [
      "called otherwise than they are",
      ALL,
      [{ name: "a.pdf", bytes: PNG }],
      "unsupported_file",
      "content is that of a .png",
    ],
    [
      "a program called text",
      ALL,
      [{ name: "a.txt", bytes: new Uint8Array([0x4d, 0x5a, 0, 1]) }],
      "unsupported_file",
      "neither",
    ],
    ["empty", ALL, [{ name: "a.txt", bytes: text("") }], "invalid_input", `"a.txt" is empty`],
    ["without a name", ALL, [{ name: "..", bytes: text("x") }], "invalid_input", "no usable name"],
    ["too large", ALL, [{ name: "a.txt", bytes: large }], "payload_too_large", "10485760 (10 MiB)"],
    ["too many for anybody", ALL, many, "invalid_input", "11 were sent, at most 10"],
    ["too many for this one", { types: ["txt"], max: 2 }, many.slice(0, 3), "invalid_input", "3 were sent, at most 2"],
  ] as const)("are refused: %s", (...[, policy, files, code, words]) => {
    const checked = uploadsIn().check("a.f", policy, files);
    expect(checked).toMatchObject({ ok: false, code, detail: expect.stringContaining(words) });
  });

  it("are named by their place when one of several is wrong", () => {
    const checked = uploadsIn().check("a.f", ALL, [
      { name: "a.txt", bytes: text("x") },
      { name: "b.pdf", bytes: text("x") },
    ]);
    expect(checked).toMatchObject({ errors: [{ path: "files.1" }] });
  });

  it("of the largest size are taken", () => {
    expect(uploadsIn().check("a.f", ALL, [{ name: "a.txt", bytes: large.subarray(1) }]).ok).toBe(true);
  });
});

describe("storing them", () => {
  const command: CreateCommand = { type: "create", origin: ORIGIN, input: null };
  const checkedIn = (uploads: Uploads) => {
    const checked = uploads.check("a.f", ALL, [
      { name: "a.txt", bytes: text("a") },
      { name: "b.txt", bytes: text("b") },
    ]);
    return checked.ok ? checked.value : [];
  };

  it("puts each upload into a place of its own, so that a repeated start overwrites nothing", async () => {
    const store = memoryStore();
    const uploads = uploadsIn(store);
    const first = await uploads.store(command, checkedIn(uploads));
    const second = await uploads.store(command, checkedIn(uploads));
    expect(store.objects.size).toBe(4);
    if (second.ok) await uploads.withdraw(second.value);
    expect([...store.objects.keys()]).toEqual(["files/2026-11-21T08-1/t/exec_1/1", "files/2026-11-21T08-1/t/exec_1/2"]);
    expect(first.ok && first.value.files?.items.map(({ name }) => name)).toEqual(["a.txt", "b.txt"]);
    expect(JSON.stringify(first)).not.toContain("bytes");
  });

  it("leaves nothing and says so when the store cannot be reached", async () => {
    const store = memoryStore();
    store.failing.put = "/2";
    const uploads = uploadsIn(store);
    expect(await uploads.store(command, checkedIn(uploads))).toMatchObject({ ok: false, code: "unavailable" });
    expect(store.objects.size).toBe(0);
  });
});
