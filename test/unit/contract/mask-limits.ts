/**
 * Where masking is wrong, and known to be: it finds usual written forms in text, and understands nothing. Each line is
 * held by a test, so that a change of the rules shows what else it changes.
 */

/** A phone number or an address for a person who reads it; masking does not find it. */
export const MISSES: readonly string[] = [
  // National numbers without a trunk zero, a 3-3-4 or a word like "tel" right before them.
  "5551234567",
  "call 5551234",
  "my number is 5551234567",
  "171 1234567",
  // The check digit of an ISBN-10 holds.
  "0123456789",
  // Broken up, spelled out, glued or encoded.
  "+49171\n1234567",
  "0171<br>1234567",
  "0 1 7 1 1 2 3 4 5 6 7",
  "0171-1234567x",
  "0171 1234567.txt",
  "+49 one seven one 1234567",
  "1-800-FLOWERS",
  "alice at example dot com",
  "alice [at] example.com",
  "alice(at)example.com",
  "alice @ example.com",
  "alice&#64;example.com",
  "alice%2540example.com",
  "YWxpY2VAZXhhbXBsZS5jb20=",
  // No domain of the world.
  "alice@example",
  "root@192.168.0.1",
];

/** Something else, written as phone numbers and addresses are; masking takes it for one. */
export const FALSE_POSITIVES: readonly string[] = [
  "order 030 1234567 shipped",
  "invoice 0123 456789",
  "room 0301234567",
  "route 1-800-555-0199",
  "serial 0212-555-0123",
  "version 2.212.555.0123",
  "SSN 078-05-1120",
  "book 0306406157",
  "value@variable.name",
  "Model S@Tesla.com",
];

/** What a field holds beside its name: `[field, value, masked]`. */
export const PHONE_FIELDS: readonly [string, unknown, unknown][] = [
  ["phone", "5551234", "*** **34"],
  ["phone", 5551234567, "*** **67"],
  ["phone", 491711234567, "*** **67"],
  ["phone", "+49 171 1234567", "+49 *** **67"],
  ["phone", "5551234 or 5559876", "5551234 or 5559876"],
  ["phone", 49, 49],
  ["phone", 12.5, 12.5],
  ["phone", null, null],
  ["phone", true, true],
  ["PHONE", 5551234567, "*** **67"],
  ["phone_2", 5551234567, "*** **67"],
  ["phone1", "5551234", "*** **34"],
  ["homePhone", "5551234", "*** **34"],
  ["mobileNumber", "98765 43210", "*** **10"],
  ["contact_tel", 2125550123, "*** **23"],
  ["fax", "44 20 7946 0958", "*** **58"],
  ["Telefonnummern", ["5551234"], ["*** **34"]],
  ["teléfono", 612345678, "*** **78"],
  ["電話", 312345678, "*** **78"],
  ["phones", ["5551234", 5559876, null], ["*** **34", "*** **76", null]],
  ["phone_numbers", [["5551234"], { main: 5559876 }], [["*** **34"], { main: "*** **76" }]],
  ["phone", { home: "5551234", work: { direct: 5559876 } }, { home: "*** **34", work: { direct: "*** **76" } }],
  ["phone", { country: 49, number: 1711234567 }, { country: 49, number: "*** **67" }],
  ["phones", { "5551234567": "home" }, { "*** **67": "home" }],
  ["phone", { label: "home", mail: "alice@example.com" }, { label: "home", mail: "a***@e***.com" }],
  // A false positive: whatever stands below a phone and is as long as one.
  ["phone", { verified_at: 1700000000000 }, { verified_at: "*** **00" }],
  ["phone_id", 5551234567, 5551234567],
  ["phone_id", "5551234567", "5551234567"],
  ["phone_model", "5551234567", "5551234567"],
  ["telemetry", 5551234567, 5551234567],
  ["mobile_app_version", "1234567", "1234567"],
  ["cells", 1234567, "*** **67"],
  ["order", 5551234567, 5551234567],
  ["amount", 5551234567, 5551234567],
];
