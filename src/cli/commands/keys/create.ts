import * as z from "zod";
import type { NewKey } from "../../../client/keys.ts";
import { KeyRequest, NewKeyBody } from "../../../contract/access/keys.ts";
import { changing } from "../../frame/command.ts";
import { fields, toned } from "../../output/blocks.ts";
import { NextSteps, word } from "../inputs.ts";

const Scope = KeyRequest.shape.scopes.element;

export const command = changing({
  input: z.object({
    name: word("NAME", "what people tell it by"),
    scope: z.array(Scope).min(1).meta({ value: "SCOPE", description: "what it opens" }),
    subject: word("SUBJECT", "the user it acts for; default: you").optional(),
    rateLimit: z.number().int().min(1).optional().meta({ description: "requests a minute, at most" }),
    masked: z.boolean().default(false).meta({ description: "e-mail addresses and phone numbers are masked for it" }),
    tenant: word("TENANT", "another tenant; for who runs the deployment").optional(),
  }),
  positionals: ["name"],
  output: NewKeyBody.extend({ next_steps: NextSteps }),
  examples: ["errand keys create ci --scope execute --scope read"],
  async plan({ name, scope: scopes, subject, rateLimit, masked, tenant }, session) {
    const client = await session.client();
    const request: NewKey = {
      ...{ name, scopes },
      ...(subject === undefined ? {} : { subject }),
      ...(rateLimit === undefined ? {} : { rate_limit_per_min: rateLimit }),
      ...(masked ? { masked } : {}),
      ...(tenant === undefined ? {} : { tenant }),
    };
    return {
      says: [`Makes the key "${name}" with the scopes ${scopes.join(", ")}.`],
      async apply() {
        const made = await client.keys.create(request, { signal: session.interrupted });
        return {
          document: made,
          view: [
            fields(
              ["id", made.key_id],
              ["name", made.name],
              ["scopes", made.scopes.join(", ")],
              ["subject", made.subject],
              ["key", toned("strong", made.key)],
            ),
          ],
          warnings: ["the key is shown once: put it where it is to be used, in ERRAND_API_KEY"],
          next: [{ command: `errand keys revoke ${made.key_id} --yes`, description: "takes it out of force" }],
        };
      },
    };
  },
});
