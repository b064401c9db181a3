import type { Json } from "../../define/index.ts";

/** The linter of `api.validate`: `document` is a text in YAML or JSON, the answer `{problems}`. */
export interface Linter {
  lint(document: string, signal: AbortSignal): Promise<Json>;
}

/** `address` comes from the configuration, never from a caller. Throws when it is not set, or answers no 2xx. */
export function linterAt(address: string | undefined): Linter {
  return {
    async lint(document, signal) {
      if (address === undefined || address === "")
        throw new Error("no linter is configured: set API_LINTER_URL to the address of one");
      const response = await fetch(new URL("/lint", address), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ document }),
        signal,
      });
      if (response.ok) return response.json<Json>();
      const said = (await response.text()).slice(0, 300);
      throw new Error(`the linter answered ${response.status}: ${said}`);
    },
  };
}
