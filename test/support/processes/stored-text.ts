import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How a text may lie in a file: as it is, in two bytes a character, or in base64 at any of its three offsets. */
function formsOf(text: string): [string, Buffer][] {
  const plain = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset): [string, Buffer] => {
    const shifted = Buffer.concat([Buffer.alloc(offset), plain]).toString("base64");
    // Without the characters that neighbours decide.
    return [
      `base64+${offset}`,
      Buffer.from(
        shifted
          .slice(offset === 0 ? 0 : offset + 1)
          .replace(/=*$/, "")
          .slice(0, -1),
      ),
    ];
  });
  const big = Buffer.from(text, "utf16le").swap16();
  return [["utf8", plain], ["utf16le", Buffer.from(text, "utf16le")], ["utf16be", big], ...base64];
}

/** Every file under a folder that holds the text in some form: `path (form)`. */
export function filesHolding(folder: string, text: string): string[] {
  const forms = formsOf(text);
  return filesUnder(folder).flatMap((path) => {
    const bytes = readFileSync(path);
    return forms.flatMap(([form, wanted]) => (bytes.includes(wanted) ? [`${path} (${form})`] : []));
  });
}

export function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
