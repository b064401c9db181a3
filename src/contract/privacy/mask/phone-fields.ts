/** Fields that are named after a phone, in the languages that `phone-numbers.ts` knows: in them any number is one. */

const PHONES =
  "phone telephone telefon telefono telefone tel mobile mobil movil celular cell cellphone handy natel gsm fax whatsapp " +
  "msisdn phonenumber telefonnummer telefonnummern telno phoneno mobileno faxno faxnumber mobilenumber 电话 電話 手机 전화 телефон هاتف";
const PHONE_WORDS = new Set(PHONES.split(" ").flatMap((word) => [word, `${word}s`]));
const ENDINGS = new Set(["number", "numbers", "no", "nr", "num", "nums", ...PHONE_WORDS]);

/** `phone`, `mobileNumber`, `contact_tel`, `PHONE_2`, `phones`; not `phone_id`, not `telemetry`. */
export function namesPhone(name: string): boolean {
  const words = name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== "");
  return ENDINGS.has(words.at(-1) ?? "") && words.some((word) => PHONE_WORDS.has(word));
}
