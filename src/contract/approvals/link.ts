/** Where people decide: the address that came with the approval, else its page in the dashboard of this server. */
interface Linked {
  readonly gateId: string;
  readonly requestUrl?: string | undefined;
}

/** Absolute, or absent: a path means nothing in a message to a person. `baseUrl`: where this server is reached. Called by what writes bodies. */
export function approvalLink({ gateId, requestUrl }: Linked, baseUrl: string | undefined): string | undefined {
  if (requestUrl !== undefined || baseUrl === undefined) return requestUrl;
  return new URL(`/ui/approvals/${encodeURIComponent(gateId)}`, baseUrl).href;
}
