// Evidence is sent in pieces, and hashed here as it is read; what broke off goes on from where the server stands.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const PIECE = 4 << 20;
const MOST_SECONDS = 30;
const SECONDS_TO_ASK_AGAIN = 2;

const form = document.querySelector("[data-upload]");
const words = JSON.parse(document.getElementById("upload-words").textContent);
const list = document.getElementById("sending");
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

const pause = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

class Refused extends Error {}

// Asks until the server answers at all; what it refuses is told, never tried again.
async function ask(address, options, row) {
  for (let seconds = 1; ; seconds = Math.min(2 * seconds, MOST_SECONDS)) {
    const answer = await fetch(address, { ...options, headers: { "X-CSRFToken": token, ...options.headers } }).catch(() => null);
    if (answer?.ok || answer?.status === 409) return { status: answer.status, ...(await answer.json()) };
    if (answer && (answer.status < 500 || answer.status === 507)) {
      const said = await answer.json().catch(() => ({ error: `HTTP ${answer.status}`, fix: "" }));
      throw new Refused([said.error, said.fix].filter(Boolean).join(" / "));
    }
    row.tell(words.waiting);
    await pause(seconds);
    if (options.method === "PATCH") return { status: 409, ...(await ask(address, { method: "GET" }, row)) };
  }
}

function rowOf(file) {
  const item = document.createElement("li");
  const [name, bar, said] = ["span", "progress", "span"].map((kind) => item.appendChild(document.createElement(kind)));
  name.className = "code";
  name.textContent = file.name;
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  list.append(item);
  return {
    tell: (text) => { if (said.textContent !== text) said.textContent = text; },
    move: (offset) => { bar.value = offset; },
    fail: () => item.classList.add("alarm"),
  };
}

async function send(file, row) {
  const about = new URLSearchParams({ name: file.name, size: file.size, modified: file.lastModified });
  const begun = await ask(form.action, { method: "POST", body: about }, row);
  const address = `${form.action}${begun.token}/`;
  const hash = sha256.create();
  let { offset } = begun;
  for (let start = 0; start < file.size; start += PIECE) {
    const bytes = new Uint8Array(await file.slice(start, start + PIECE).arrayBuffer());
    hash.update(bytes);
    while (offset < start + bytes.length) {
      if (offset < start) throw new Refused(words.lost);
      row.tell(words.sending);
      const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
      const before = offset;
      ({ offset } = await ask(address, { method: "PATCH", headers, body: bytes.subarray(offset - start) }, row));
      row.move(offset);
      // The server still holds the piece that broke off: it lets go soon.
      if (offset === before) await pause(1);
    }
    row.move(start + bytes.length);
  }
  const said = { sha256: bytesToHex(hash.digest()), source: form.source.value, custodian: form.custodian.value };
  await finish(`${address}finish/`, new URLSearchParams(said), row);
  row.tell(words.done);
}

// Gigabytes take the server minutes to hash: whoever asks again meanwhile, as after a proxy gave up, waits for it.
async function finish(address, said, row) {
  for (;;) {
    row.tell(words.comparing);
    const end = await ask(address, { method: "POST", body: said }, row);
    if (end.status !== 409) return;
    if (!end.waits) throw new Refused(words.lost);
    await pause(SECONDS_TO_ASK_AGAIN);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  list.replaceChildren();
  const failed = [];
  for (const file of form.querySelector("[type=file]").files) {
    const row = rowOf(file);
    try {
      await send(file, row);
    } catch (error) {
      row.fail();
      row.tell(error instanceof Refused ? error.message : `${words.unreadable} ${error.message}`);
      failed.push(file);
    }
  }
  button.disabled = false;
  if (!failed.length) location.reload();
});
form.querySelector("button").disabled = false;
