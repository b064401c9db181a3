import * as z from "zod";
import { KeyList } from "../../../contract/access/keys.ts";
import { reading } from "../../frame/command.ts";
import { collect } from "../../ids/collect.ts";
import { toned } from "../../output/blocks.ts";
import { instant } from "../../output/words.ts";
import { NextSteps, word } from "../inputs.ts";

export const command = reading({
  input: z.object({ tenant: word("TENANT", "of another tenant; for who runs the deployment").optional() }),
  output: KeyList.pick({ items: true }).extend({ next_steps: NextSteps }),
  examples: ["errand keys list"],
  async run({ tenant }, session) {
    const client = await session.client();
    const asked = { ...(tenant === undefined ? {} : { tenant }), signal: session.interrupted };
    const items = await collect(client.keys.list(asked));
    const standing = items.find(({ revoked_at: revoked }) => revoked === null);
    return {
      document: { items },
      view: [
        {
          kind: "table",
          head: ["ID", "NAME", "SCOPES", "SUBJECT", "CREATED", "REVOKED"],
          rows: items.map((one) => [
            ...[one.key_id, one.name, one.scopes.join(","), one.subject, instant(one.created_at)],
            toned("dim", instant(one.revoked_at)),
          ]),
          empty: "There is no key.",
        },
      ],
      next: standing
        ? [{ command: `errand keys revoke ${standing.key_id} --dry-run`, description: "says what it would end" }]
        : [],
    };
  },
});
