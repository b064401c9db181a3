/**
 * Which hosts a deployment reaches for its callers: public ones. An address is judged in the form in which the platform's
 * own URL parser writes it, and that form is what is fetched: every notation of an IPv4 address (decimal, octal, hex, short,
 * full-width digits, trailing dot) is four decimal numbers by then, and a name is lower-case ASCII.
 *
 * What a name resolves to is not looked up here: on Cloudflare's network a Worker reaches public addresses only. Names that
 * resolve to this machine or a private network by their form are refused.
 */
import ipaddr from "ipaddr.js";

/** Suffixes of names that are no public ones, and services whose names resolve to any address that the name spells. */
const PRIVATE_SUFFIXES = [
  ...["localhost", "local", "internal", "localdomain", "lan", "home", "corp", "private", "intranet", "home.arpa"],
  ...["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me"],
];

/** Metadata services that answer under public addresses. */
const METADATA: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** Ports of services that speak another protocol, some of which read a request's lines as commands. */
const OTHER_PROTOCOLS: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530,
  ],
  ...[
    531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 2375, 2376, 2379,
  ],
  ...[2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679],
  ...[6697, 10080, 10250, 11211, 27017],
]);

/** Returns why a parsed address is none of a public host; `undefined` when it is one. */
export function faultOfHost({ hostname, port }: URL): string | undefined {
  if (OTHER_PROTOCOLS.has(Number(port || 443))) return `names port ${port}, which is another protocol's`;
  if (hostname.startsWith("[")) return faultOfIpv6(hostname.slice(1, -1));
  const name = hostname.replace(/\.$/, "");
  return ipaddr.IPv4.isValidFourPartDecimal(name) ? faultOfIpv4(name) : faultOfName(name);
}

function faultOfIpv4(text: string): string | undefined {
  const range = ipaddr.IPv4.parse(text).range();
  if (range !== "unicast") return `names ${text}, which is no public address (${wordsOf(range)})`;
  return METADATA.has(text) ? `names ${text}, which is no public address (metadata)` : undefined;
}

/**
 * Global unicast is 2000::/3, and of that not what embeds an IPv4 address (6to4, Teredo, ISATAP): such an address is sent
 * on to the embedded one.
 */
function faultOfIpv6(text: string): string | undefined {
  if (!ipaddr.IPv6.isValid(text)) return `names ${text}, which is no address`;
  const address = ipaddr.IPv6.parse(text);
  const [first = 0, , , , fifth, sixth] = address.parts;
  const range = address.range();
  const isIsatap = (fifth === 0 || fifth === 0x200) && sixth === 0x5efe;
  if (first >> 13 === 1 && range === "unicast" && !isIsatap) return undefined;
  return `names ${text}, which is no public address (${isIsatap ? "isatap" : wordsOf(range)})`;
}

function faultOfName(name: string): string | undefined {
  if (!name.includes(".")) return `names the host "${name}", which is no public one: a public name has a dot`;
  if (name.split(".").includes("")) return `names the host "${name}", which is no name`;
  const suffix = PRIVATE_SUFFIXES.find((known) => name === known || name.endsWith(`.${known}`));
  return suffix === undefined ? undefined : `names a host of .${suffix}, which is no public one`;
}

/** `carrierGradeNat` as `carrier grade nat`. A range that the library knows no special use of is still no public one here. */
function wordsOf(range: string): string {
  return range === "unicast" ? "reserved" : range.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
