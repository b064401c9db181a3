/**
 * A Worker that takes mails for Larry (Email Routing) and hands each on, whole and signed. A mail that he cannot take now is
 * refused for now: the sender's mail server tries it again.
 */
import { SIGNATURE, signatureOf } from "./signature.ts";

interface MailEnv {
  /** Where Larry listens: https://…/inbound-mail */
  readonly LARRY_INBOUND_URL: string;
  readonly LARRY_WEBHOOK_SECRET: string;
}

export default {
  async email({ raw }: Pick<ForwardableEmailMessage, "raw">, env: MailEnv): Promise<void> {
    const mime = Buffer.from(await new Response(raw).arrayBuffer());
    const headers = {
      "content-type": "message/rfc822",
      [SIGNATURE]: signatureOf(mime, env.LARRY_WEBHOOK_SECRET),
    };
    const response = await fetch(env.LARRY_INBOUND_URL, { method: "POST", headers, body: mime });
    if (!response.ok) throw new Error(`Larry did not take the mail: ${response.status}`);
  },
};
