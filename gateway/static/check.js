// The page "Check it yourself": asks for the pack, computes every step here, and says what it finds.
import { Refused, hex, sha, utf8 } from "./check-bytes.js";
import { checkLink } from "./check-link.js";
import { STEPS, checkPack, checkRow } from "./check-pack.js";

const page = document.getElementById("check");
const words = Object.fromEntries(
  [...document.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);
// A page that a service worker kept opens at the address of the code; else the server names the code.
const code = page.dataset.code || (/^\/q\/([0-9a-z]{20})$/.exec(location.pathname) ?? [])[1] || "";

function show(element, kind, text) {
  element.className = kind;
  element.querySelector(".said").textContent = text;
}

const stepLine = (step) => document.querySelector(`[data-step="${step}"]`);
const result = (kind, word) => show(document.getElementById("result"), kind, words[word]);

/** Where in the log something stands, in the reader's words. */
function told(error) {
  const reason = words[error.reason] ?? words.form;
  const what = error.what.replace(/entry (\d+)/, (_, index) => words.entry.replace("#", index));
  return what ? `${reason} (${what})` : reason;
}

function passed(step, count, able) {
  const isOpen = !able && ["checkpoint", "signatures"].includes(step);
  const counted = words[`count-${step}`].replace("#", count);
  show(stepLine(step), isOpen ? "open" : "passed", isOpen ? words["no-signatures"] : counted);
}

/** Check a pack's bytes; of a code also that the lot's records issued it. */
async function check(bytes, proof) {
  for (const step of [...STEPS, "code"]) show(stepLine(step), "", words.waiting);
  result("", "running");
  document.getElementById("alone").hidden = true;
  const counts = new Map();
  let step = "file";
  try {
    const known = page.dataset.known.split(" ");
    const policy = document.getElementById("policy").textContent;
    const tell = (name, count) => {
      counts.set(name, count);
      passed(name, count, true);
    };
    const found = await checkPack(bytes, { policy, known, tell });
    if (!found.able) for (const [name, count] of counts) passed(name, count, false);
    step = "code";
    if (proof) passed(step, await checkCode(proof, found), true);
    else show(stepLine(step), "open", words["no-code"]);
    result(found.able ? "passed" : "open", found.able ? "passed" : "partly");
    document.getElementById("alone").hidden = !found.able || counts.get("checkpoint") > 0;
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused("form");
    show(stepLine(refused.step ?? step), refused.missing ? "open" : "failed", told(refused));
    result(refused.missing ? "open" : "failed", refused.missing ? "missing" : "failed");
  }
}

/** The lot's records issued this code, and the article's rows stand under their roots. Counts the rows. */
async function checkCode(proof, { lot, records }) {
  const digest = hex(await sha(utf8(`lotproof/code/v1\n${code}`)));
  const issued = records.some(({ type, data, chains }) =>
    type === "codes.issued" && chains.has(lot) && data.codes.includes(digest));
  if (proof.lot !== lot || !issued) throw new Refused("code-not-issued");
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const row of proof.rows) await checkRow(row, byId);
  return proof.rows.length;
}

async function fetched(href) {
  const answer = await fetch(href);
  if (!answer.ok) throw new Refused("not-handed-out", String(answer.status), true);
  return answer;
}

async function checkOfServer() {
  try {
    const [pack, proof] = await Promise.all([fetched(page.dataset.pack), fetched(page.dataset.proof)]);
    const bytes = new Uint8Array(await pack.arrayBuffer());
    const keep = document.getElementById("keep");
    keep.href = URL.createObjectURL(new Blob([bytes], { type: "application/zip" })); // the very bytes checked
    await check(bytes, await proof.json());
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused("no-network", "", true);
    show(stepLine("file"), "open", told(refused));
    result("open", "missing");
  }
}

async function checkLabel(fragment) {
  const part = document.getElementById("label");
  part.hidden = false;
  const keys = [...document.querySelectorAll("[data-key]")].map(({ dataset }) => ({
    id: dataset.key,
    publicKey: dataset.public,
    name: dataset.name,
    endedAt: dataset.ended === "" ? null : Number(dataset.ended),
    distrustFrom: dataset.distrust === "" ? null : Number(dataset.distrust),
  }));
  const line = document.getElementById("label-result");
  try {
    const facts = await checkLink(code, fragment, keys);
    show(line, "passed", words["label-holds"]);
    for (const name of ["grade", "repaired", "batteryReplaced", "dataWiped", "printedOn", "index"]) {
      const value = String(facts[name]);
      document.querySelector(`[data-fact="${name}"]`).textContent = words[`fact-${value}`] ?? value;
    }
    document.querySelector('[data-fact="signedBy"]').textContent = `${facts.key.name} · ${facts.key.id.slice(0, 16)}`;
    document.getElementById("label-facts").hidden = false;
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused("form");
    const advice = refused.missing ? "" : `. ${words["label-fails"]}`;
    show(line, refused.missing ? "open" : "failed", told(refused) + advice);
  }
}

function begin() {
  page.classList.add("scripted");
  const fragment = location.hash.slice(1);
  if (code && !page.dataset.code) document.getElementById("code").textContent = code.match(/.{4}/g).join("-");
  if (!globalThis.crypto?.subtle) {
    result("open", "no-crypto");
    return;
  }
  if (fragment.startsWith("s1.")) checkLabel(fragment);
  const kept = document.getElementById("kept");
  kept.addEventListener("change", async () => {
    if (kept.files.length) await check(new Uint8Array(await kept.files[0].arrayBuffer()), null);
  });
  if (page.dataset.pack) checkOfServer();
  else result("open", location.pathname === "/check" ? "choose" : "no-network"); // else: the kept page
}

begin();
