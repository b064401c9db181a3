import * as z from "zod";
import { KeyBody } from "../../../contract/access/keys.ts";
import { changing } from "../../frame/command.ts";
import { findIn } from "../../ids/named.ts";
import { fields } from "../../output/blocks.ts";
import { instant } from "../../output/words.ts";
import { id, NextSteps } from "../inputs.ts";

export const command = changing({
  input: z.object({ id: id("the key") }),
  positionals: ["id"],
  output: KeyBody.extend({ next_steps: NextSteps }),
  isFinal: true,
  examples: ["errand keys revoke key_1a2b --yes"],
  async plan({ id: given }, session) {
    const client = await session.client();
    const known = await findIn(client.keys.list({ signal: session.interrupted }), given, {
      ...{ what: "key", list: "errand keys list" },
      idOf: (one) => one.key_id,
    });
    const gone = known.revoked_at === null ? "" : ` It was revoked at ${instant(known.revoked_at)}.`;
    return {
      id: known.key_id,
      says: [`Takes ${known.key_id} ("${known.name}", of ${known.subject}) out of force everywhere.${gone}`],
      async apply() {
        const revoked = await client.keys.revoke(known.key_id, { signal: session.interrupted });
        return {
          document: revoked,
          view: [fields(["id", revoked.key_id], ["name", revoked.name], ["revoked", instant(revoked.revoked_at)])],
          next: [{ command: "errand keys list", description: "lists those that are left" }],
        };
      },
    };
  },
});
