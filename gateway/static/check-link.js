// Facts signed into the fragment of a link on goods, checked without a network (docs/labels.md).
import { Refused, hex, join, need, unbase64, unhex, utf8 } from "./check-bytes.js";
import { isSupported, verify } from "./check-ed25519.js";

const FRAGMENT = /^s1\.[A-Za-z0-9_-]{128}$/;
const CODE = /^[0-9abcdefghjkmnpqrstvwxyz]{20}$/;
const LEVELS = ["lot", "article", "style", "carton"];
const ANSWERS = ["no-record", "no", "yes", "some"];
const FACTS_SIZE = 32;
const DAY_MS = 86400000;

/** What a signed label states. Throws Refused: "fragment" for what is none of ours.
 *
 *  keys: [{id, publicKey (hex), endedAt, distrustFrom (entry indexes, null where it did not happen)}].
 */
export async function checkLink(code, fragment, keys) {
  need(CODE.test(code) && FRAGMENT.test(fragment), "fragment");
  const raw = unbase64(fragment.slice(3).replaceAll("-", "+").replaceAll("_", "/"));
  const facts = raw.slice(0, FACTS_SIZE);
  const stated = read(facts);
  const beginning = hex(facts.slice(1, 9));
  const found = keys.filter((key) => key.id.startsWith(beginning));
  need(found.length, "key-unknown", beginning, true);
  need(await isSupported(), "no-signatures", "", true);
  const message = join(utf8("lotproof/label/v1\n"), utf8(code), facts);
  for (const key of found) {
    try {
      await verify(unhex(key.publicKey), raw.slice(FACTS_SIZE), message, beginning);
    } catch (error) {
      if (key !== found.at(-1)) continue;
      throw error;
    }
    const isDistrusted = key.distrustFrom !== null && stated.index >= key.distrustFrom;
    need(!isDistrusted && (key.endedAt === null || stated.index <= key.endedAt), "key-ended", key.id);
    // Whoever took a key may state an early index: unlike the log, a label proves no place in time.
    need(key.distrustFrom === null, "key-distrusted", key.id, true);
    return { ...stated, key };
  }
  throw new Refused("signature");
}

function read(facts) {
  const view = new DataView(facts.buffer, facts.byteOffset);
  const grade = String.fromCharCode(facts[10]);
  const isKnown = facts[0] === 1 && facts[9] < LEVELS.length && "ABCX-".includes(grade) && facts[11] < 64;
  need(isKnown, "fragment");
  const answer = (shift) => ANSWERS[(facts[11] >> shift) & 3];
  return {
    level: LEVELS[facts[9]],
    grade,
    repaired: answer(0),
    batteryReplaced: answer(2),
    dataWiped: answer(4),
    printedOn: new Date(view.getUint16(12) * DAY_MS).toISOString().slice(0, 10),
    index: view.getUint32(14),
  };
}
