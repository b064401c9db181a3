/** The pages of the dashboard: what `[assets]` of the wrangler file binds. */
import type { Services } from "../../http/requests/app.ts";
import type { Env } from "./env.ts";

/** The part of a browser's request that an asset depends on. */
const CONDITIONS = ["if-none-match", "accept-encoding"];

export function pagesOf({ ASSETS: assets }: Env): Services["pages"] {
  if (assets === undefined) return undefined;
  return (path, asked) => {
    const headers = new Headers();
    for (const name of CONDITIONS) {
      const value = asked.get(name);
      if (value !== null) headers.set(name, value);
    }
    return assets.fetch(new Request(`https://assets.local${path}`, { headers }));
  };
}
