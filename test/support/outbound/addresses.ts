/**
 * A table of addresses that callers may name, and what a deployment makes of each. A row is a host, perhaps with a port, or
 * a whole address.
 */
/** Addresses that no deployment reaches for a caller: host alone, or the whole address. */
export const REFUSED: readonly string[] = [
  // Loopback, in every notation of IPv4.
  ...[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.0x1",
  ],
  ...["127.0.0.1.", "127.255.255.254", "0177.1", "0X7F.0.0.1", "127.0.0.1:8080", "127.000.000.001", "0x7f.0x0.0x0.0x1"],
  ...[
    "１２７.０.０.１",
    "１２７.１",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
    "127.0.0.1%2e",
    "127%2e0.0.1",
  ],
  // Private.
  ...["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1.1:3000", "167772161"],
  ...["3232235777", "0xc0a80101", "0300.0250.1.1", "192.168.257", "10.1", "0xa.0.0.1", "012.0.0.1", "192.168.1.1."],
  // Link-local and metadata.
  ...[
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.254.0.1",
    "169.254.170.2",
  ],
  ...["168.63.129.16", "100.100.100.200", "192.0.0.192", "metadata.google.internal", "instance-data.ec2.internal"],
  ...["METADATA.GOOGLE.INTERNAL", "metadata.google.internal.", "metadata", "metadata."],
  // Unspecified, shared, documentation, benchmarks, multicast, reserved, broadcast.
  ...["0.0.0.0", "0", "0x0", "0.0.0.0:80", "0.1.2.3", "100.64.0.1", "100.127.255.255", "192.0.2.1", "198.51.100.1"],
  ...["203.0.113.7", "198.18.0.1", "198.19.255.255", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"],
  ...["255.255.255.255", "4294967295", "192.0.0.8"],
  // IPv6: unspecified, loopback, link-local, site-local, unique local, multicast, documentation, discard.
  ...[
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::1]:9000",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
  ],
  ...[
    "[fd00:ec2::254]",
    "[fdff::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[100::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[::2]",
    "[1::]",
  ],
  // IPv6 with an embedded IPv4 address, and zone ids.
  ...[
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:127.0.0.1]",
  ],
  ...["[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"],
  ...[
    "[2001:0:53aa:64c::1]",
    "[2001:470::5efe:7f00:1]",
    "[2001:470::200:5efe:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:0x7f.1]",
  ],
  ...["[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]", "[::1%lo]", "[::1", "::1"],
  // Names of this machine and of private networks.
  ...[
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost:8080",
    "a.localhost",
    "a.b.localhost.",
    "ⓛocalhost",
    "loc%61lhost",
  ],
  ...[
    "printer.local",
    "printer.local.",
    "vault.internal",
    "host.docker.internal",
    "db.localdomain",
    "nas.lan",
    "pc.home",
  ],
  ...[
    "wiki.corp",
    "wiki.intranet",
    "x.private",
    "router.home.arpa",
    "intranet",
    "agent",
    "localhost.localdomain",
    "com",
  ],
  ...["127.0.0.1.nip.io", "10-0-0-1.sslip.io", "a.127.0.0.1.xip.io", "localtest.me", "x.lvh.me", "printer。local"],
  // Userinfo.
  ...["http://user@example.com", "http://user:pass@example.com", "http://@example.com", "http://example.com@127.0.0.1"],
  ...[
    "http://127.0.0.1@example.com",
    "http://:@example.com/",
    "http://example.com%40127.0.0.1",
    "http://a@b@example.com",
  ],
  // What one parser reads as another address than the next, or what is no http address at all.
  ...["http:\\\\127.0.0.1", "http://example.com\\@127.0.0.1", "http:127.0.0.1", "http:/127.0.0.1", "http:///127.0.0.1"],
  ...[
    "//127.0.0.1",
    "http://",
    "http://?x",
    "http://#x",
    "",
    "ftp://example.com",
    "file:///etc/passwd",
    "gopher://example.com",
  ],
  ...["javascript:alert(1)", "data:text/plain,x", "ws://example.com", " http://example.com", "http://example.com\n"],
  ...[
    "http://exam ple.com",
    "http://exa\tmple.com",
    "http://example.com/\r\nX: y",
    "http://example.com/\u0000",
    "http://.",
  ],
  ...[
    "http://256.256.256.256",
    "http://1.2.3.4.5",
    "http://0x100000000",
    "http://999999999999",
    "http://xn--",
    "http://a..b",
  ],
  ...["http://example.com:99999", `http://example.com/${"a".repeat(2_048)}`],
  // Ports of other protocols.
  ...["example.com:22", "example.com:25", "example.com:6379", "example.com:0", "example.com:11211", "example.com:3306"],
  ...["https://example.com:10250", "93.184.216.34:27017"],
];

export const REACHED: readonly string[] = [
  ...["example.com", "example.com.", "EXAMPLE.com", "sub.example.co.uk:8443", "https://hooks.example.com/a?b=c#d"],
  ...["93.184.216.34", "8.8.8.8:8080", "1.1.1.1", "134744072", "0x08080808", "172.15.0.1", "172.32.0.1", "192.167.1.1"],
  ...[
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "169.253.0.1",
    "198.17.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "223.255.255.1",
  ],
  ...["[2606:4700::1111]", "[2a00:1450:4001::200e]:443", "[2001:4860:4860::8888]", "[2620:fe::fe]"],
  ...["bücher.example", "xn--bcher-kva.example", "mylocal.com", "localhost.example.com", "internal.example.com"],
  ...[
    "notlocalhost.com",
    "thelocal.se",
    "nip.io.example.com",
    "example.com:3000",
    "example.com:8001",
    "https://a-b.workers.dev",
  ],
  ...["http://example.com/@user", "http://example.com/?q=http://127.0.0.1", "http://example.com/#@127.0.0.1"],
];

/** The row as the text of an address. */
export const address = (row: string) =>
  /^[a-z]+:|^\/|^ |^$/.test(row) && !/^[a-z.]+:\d/.test(row) ? row : `http://${row}`;
