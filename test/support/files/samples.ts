/** Small real files, byte by byte, and forms that carry files. No platform but what Node and Workers share. */

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** One transparent pixel. */
export const PNG = fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
);

/** One grey pixel, baseline, with a JFIF header. */
export const JPG = fromBase64(
  "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////" +
    "wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AR//Z",
);

export const text = (content: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(content));

/** One empty page. */
export const PDF = text(
  [
    "%PDF-1.4",
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj",
    "trailer<</Root 1 0 R/Size 4>>",
    "%%EOF",
    "",
  ].join("\n"),
);

export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the sender claims; nobody believes it. */
  readonly type?: string;
}

/** A start with files, as a browser or curl would send it. */
export function formOf(
  input: unknown,
  files: readonly Part[],
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const form = new FormData();
  if (input !== undefined) form.set("input", JSON.stringify(input));
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  for (const { name, bytes, type = "application/octet-stream" } of files)
    form.append("files", new File([bytes], name, { type }), name);
  return form;
}
