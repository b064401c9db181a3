import type { FileType } from "../../domain/execution/stored-file.ts";

const BYTES_OF: readonly { readonly type: FileType; readonly starts: readonly number[] }[] = [
  { type: "png", starts: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { type: "jpg", starts: [0xff, 0xd8, 0xff] },
  { type: "pdf", starts: [0x25, 0x50, 0x44, 0x46, 0x2d] },
];

/** Controls that no text file holds: all of C0 but tab, line feed, form feed, carriage return; and DEL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const NO_TEXT = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;

/** Returns the type of a file's bytes, under any file name: by the first bytes, else text when all bytes are UTF-8. */
export function typeOfContent(bytes: Uint8Array): FileType | undefined {
  const found = BYTES_OF.find(({ starts }) => starts.every((byte, at) => bytes[at] === byte));
  if (found) return found.type;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return NO_TEXT.test(text) ? undefined : "txt";
  } catch {
    return undefined;
  }
}

const TYPE_OF_EXTENSION: ReadonlyMap<string, FileType> = new Map([
  ["txt", "txt"],
  ["pdf", "pdf"],
  ["jpg", "jpg"],
  ["jpeg", "jpg"],
  ["png", "png"],
]);

/** What a file claims to be by its name. */
export function typeOfName(name: string): FileType | undefined {
  const dot = name.lastIndexOf(".");
  return dot < 1 ? undefined : TYPE_OF_EXTENSION.get(name.slice(dot + 1).toLowerCase());
}
