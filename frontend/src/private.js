// "Is my data in it?" asked so that not even our own server learns what was asked: code and contact are blinded
// here (RFC 9497, OPRF with ristretto255), and the record is found and opened here, in a bucket shared by many.
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

const MARK = 12, SEAL_KEY = 32, SEAL = 8;
const GRADES = [0, 2, 3, 4];
const text = new TextEncoder();
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (left, right) => left.length === right.length && left.every((byte, place) => byte === right[place]);

// As ashiato.bundle.contacts writes them.
function plainContact(typed) {
  const plain = typed.normalize("NFKC").trim();
  if (/^[^\s@<>]{1,64}@[^\s@<>]+\.[^\s@<>.]+$/u.test(plain)) return `mail:${plain.toLowerCase()}`;
  let digits = plain.replace(/[-‐‑‒–—―−ー()\s〒.・]/gu, "");
  if (digits.startsWith("+81")) digits = `0${digits.slice(3).replace(/^0/, "")}`;
  if (/^0[0-9]{9,10}$/.test(digits)) return `phone:${digits}`;
  return /^[0-9]{7}$/.test(digits) ? `post:${digits}` : "";
}

// As ashiato.letters.notices.codes reads them.
const plainCode = (typed) => typed.normalize("NFKC").replace(/[-‐‑‒–—―−ー－\s.・]/gu, "");

function stretched(output, length) {
  const whole = new Uint8Array(64 * Math.ceil(length / 64));
  for (let place = 0; place * 64 < length; place += 1) {
    whole.set(hmac(sha512, output, text.encode(`own fields ${place}`)), place * 64);
  }
  return whole.slice(0, length);
}

// As ashiato.bundle.openings closes them.
function opened(output, records, size) {
  const length = size - MARK - SEAL;
  const own = stretched(output, MARK + SEAL_KEY + length);
  for (let start = 0; start < records.length; start += size) {
    const record = records.slice(start, start + size);
    if (!same(record.slice(0, MARK), own.slice(0, MARK))) continue;
    const payload = record.slice(MARK, MARK + length).map((byte, place) => byte ^ own[MARK + SEAL_KEY + place]);
    const seal = hmac(sha256, own.slice(MARK, MARK + SEAL_KEY), payload).slice(0, SEAL);
    if (same(seal, record.slice(-SEAL))) return payload;
  }
  return null;
}

function bucketOf(asked, bits) {
  const hash = sha256(asked);
  return ((hash[0] << 8) | hash[1]) >> (16 - bits);
}

async function ask(form, proof) {
  const asked = text.encode(`own fields\0${plainCode(form.elements.code.value)}\0${plainContact(form.elements.contact.value)}`);
  const { blind, blinded } = ristretto255_oprf.oprf.blind(asked);
  const { edition, bits, size } = form.dataset;
  const body = new URLSearchParams({ element: hex(blinded), bucket: bucketOf(asked, Number(bits)), altcha: proof });
  const response = await fetch("/private/", { method: "POST", body });
  if (!response.ok || response.headers.get("X-Edition") !== edition) return null;
  const answer = new Uint8Array(await response.arrayBuffer());
  const output = ristretto255_oprf.oprf.finalize(asked, blind, answer.slice(0, 32));
  return { payload: opened(output, answer.slice(32), Number(size)) };
}

function shown(state, payload) {
  const words = document.getElementById("own-words").content;
  const said = words.querySelector(`[data-state="${state}"]`).cloneNode(true);
  const labels = words.querySelector("[data-labels]").children;
  for (const section of said.querySelectorAll("[data-grade]")) {
    const rows = [...labels].filter((_, place) => {
      const grade = GRADES[(payload[1 + (place >> 2)] >> (2 * (place % 4))) & 3];
      return grade === Number(section.dataset.grade);
    });
    section.querySelector("ul").append(...rows.map((row) => row.cloneNode(true)));
    section.hidden = rows.length === 0;
  }
  return said;
}

// A proof counts once: the next one is of a new challenge.
async function renew(input) {
  const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
  input.dataset.challenge = page.querySelector("#own [data-challenge]").dataset.challenge;
}

const form = document.getElementById("own");
const choice = document.getElementById("privately");
if (form && choice) {
  const answer = document.getElementById("own-answer");
  choice.closest(".private").hidden = false;
  form.addEventListener("submit", async (event) => {
    if (!choice.checked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { prove } = await import(form.dataset.script);
    answer.replaceChildren();
    let found = null;
    try {
      found = await ask(form, await prove(form.querySelector("[data-challenge]")));
    } catch {
      found = null;
    }
    await renew(form.querySelector("[data-challenge]"));
    const state = found === null ? "failed" : found.payload === null ? "nothing" : found.payload[0] ? "found" : "changed";
    const box = document.createElement("div");
    box.className = `answer own-${state}`;
    box.append(shown(state, found?.payload));
    answer.append(box);
  }, { capture: true });
}
