import * as z from "zod";
import { Inbox, InboxItem } from "../../../contract/approvals/inbox.ts";
import { reading } from "../../frame/command.ts";
import { instant, status } from "../../output/words.ts";
import { cursor, limit, NextSteps, word } from "../inputs.ts";

const Status = InboxItem.shape.status;

export const command = reading({
  input: z.object({
    status: z.array(Status).optional().meta({ value: "STATUS", description: "where it stands (pending)" }),
    agent: word("AGENT", "of this agent").optional(),
    session: word("ID", "of this session").optional(),
    limit,
    cursor,
  }),
  output: Inbox.extend({ next_steps: NextSteps }),
  examples: ["errand approvals list", "errand approvals list --status approved --status rejected"],
  async run({ status: statuses, agent, session: sessionId, limit: most, cursor: after }, session) {
    const client = await session.client();
    const page = await client.directory.approvals({
      ...(statuses === undefined ? {} : { status: statuses }),
      ...(agent === undefined ? {} : { agentId: agent }),
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(after === undefined ? {} : { cursor: after }),
      limit: most,
      signal: session.interrupted,
    });
    const [first] = page.items;
    return {
      document: page,
      view: [
        {
          kind: "table",
          head: ["ID", "TARGET", "NAME", "STATUS", "ASKED", "EXPIRES"],
          rows: page.items.map((one) => [
            one.approval_request_id,
            one.target,
            one.name,
            status(one.status),
            instant(one.requested_at),
            instant(one.expires_at),
          ]),
          empty: "Nothing waits for a decision.",
        },
      ],
      next: first
        ? [
            {
              command: `errand approvals show ${first.approval_request_id}`,
              description: "shows what is to be decided",
            },
          ]
        : [],
    };
  },
});
