/** A mail that came in: to which of ours it belongs, and whether a person wrote it, or it says that ours could not be delivered. */
import PostalMime from "postal-mime";

export interface InboundMail {
  /** Message-IDs that it names, without brackets: the nearest first. */
  readonly about: readonly string[];
  readonly from: string;
  readonly excerpt: string;
  /** Why ours was not delivered; `undefined` of any other mail. */
  readonly bounce: string | undefined;
  /** A program wrote it that answers by itself (RFC 3834), or that says how far ours is on its way: it is no reply. */
  readonly isAutomatic: boolean;
}

const LONGEST_EXCERPT = 280;
const MESSAGE_ID = /<([^<>\s]+@[^<>\s]+)>/g;

export async function readMail(mime: Buffer): Promise<InboundMail> {
  const mail = await PostalMime.parse(mime, { attachmentEncoding: "utf8", forceRfc822Attachments: true });
  const attached = mail.attachments.map(({ mimeType, content }) => ({ mimeType, text: String(content) }));
  const from = mail.from && "address" in mail.from ? (mail.from.address ?? "") : "";
  const status = attached.find(({ mimeType }) => mimeType === "message/delivery-status")?.text;
  const isReport = status !== undefined || mail.headers.some(({ key }) => key === "x-failed-recipients");
  const isDaemon = /^(?:mailer-daemon|postmaster)@/i.test(from);
  const returned = attached.filter(({ mimeType }) => /^(?:message\/rfc822|text\/rfc822-headers)/.test(mimeType));
  const isAnswerer = mail.headers.some(({ key, value }) => key === "auto-submitted" && !/^no\b/i.test(value.trim()));
  const named = [mail.inReplyTo ?? "", ...(mail.references ?? "").split(/\s+/).reverse()];
  const texts =
    isReport || isDaemon ? [...returned.map(({ text }) => headerOf(text)), ...named, mail.text ?? ""] : named;
  return {
    about: [...new Set(texts.flatMap((text) => [...text.matchAll(MESSAGE_ID)].map(([, id = ""]) => id)))],
    from,
    excerpt: excerptOf(mail.text ?? ""),
    isAutomatic: isReport || isDaemon || isAnswerer,
    bounce: isBounce(status, { isReport, isDaemon }) ? whyOf(status, mail.text ?? "") : undefined,
  };
}

/** A report that it is only late is none that it failed. */
function isBounce(
  status: string | undefined,
  { isReport, isDaemon }: { isReport: boolean; isDaemon: boolean },
): boolean {
  const action = /^Action:\s*(\w+)/im.exec(status ?? "")?.[1]?.toLowerCase();
  return action === undefined ? isReport || isDaemon : action === "failed";
}

function whyOf(status: string | undefined, text: string): string {
  const code =
    /^Diagnostic-Code:\s*(?:[\w-]+;\s*)?(.+)$/im.exec(status ?? "")?.[1] ??
    /^Status:\s*(.+)$/im.exec(status ?? "")?.[1];
  return (code ?? excerptOf(text)).trim().slice(0, LONGEST_EXCERPT) || "it was returned";
}

function headerOf(message: string): string {
  return /^Message-ID:\s*(<[^>]+>)/im.exec(message)?.[1] ?? "";
}

/** What was written, without what it quotes. */
function excerptOf(text: string): string {
  const own = text.split("\n").filter((line) => !line.startsWith(">") && !/^On .+ wrote:\s*$/.test(line));
  return own.join(" ").replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_EXCERPT);
}
