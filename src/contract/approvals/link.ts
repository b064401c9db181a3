/** Where people decide: the address that came with the approval, else the page of this server, once it has one. */
interface Linked {
  readonly gateId: string;
  readonly requestUrl?: string | undefined;
}

/** The path of the page that shows an approval, by its id. There is none yet. */
const PAGE: ((id: string) => string) | undefined = undefined;

/** Absolute, or absent: a path means nothing in a message to a person. `baseUrl`: where this server is reached. */
export function approvalLink(
  { gateId, requestUrl }: Linked,
  baseUrl: string | undefined,
  page: ((id: string) => string) | undefined = PAGE,
): string | undefined {
  if (requestUrl !== undefined || baseUrl === undefined || !page) return requestUrl;
  return new URL(page(gateId), baseUrl).href;
}
