/** The body of `GET /` for programs: where this server's API goes on. */
import * as z from "zod";

export const Home = z.object({
  name: z.literal("Errand"),
  version: z.string(),
  url: z.string(),
  docs: z.string(),
  openapi: z.string(),
  agents: z.string(),
  inbox: z.string().describe("Approvals that wait for a person."),
  executions: z.string(),
  health: z.string(),
});
export type Home = z.infer<typeof Home>;

export function homeOf(url: string, version: string): Home {
  return {
    name: "Errand",
    version,
    url,
    docs: `${url}/docs`,
    openapi: `${url}/api/v1/openapi.json`,
    agents: `${url}/api/v1/agents`,
    inbox: `${url}/api/v1/approvals?status=pending`,
    executions: `${url}/api/v1/executions`,
    health: `${url}/health`,
  };
}
