// What the public pages do with a script: a proof of work by the ALTCHA protocol before a form goes out, and a
// look whether a password is known to be leaked. Without a script the forms work as well, less often an hour.

const text = new TextEncoder();

function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The number whose hash the challenge names: found by trying, some at a time so that the page stays usable.
async function solve(said) {
  const started = performance.now();
  for (let first = 0; first <= said.maxNumber; first += 500) {
    const tried = Array.from({ length: 500 }, (_, place) => first + place);
    const found = await Promise.all(tried.map((each) => crypto.subtle.digest("SHA-256", text.encode(said.salt + each))));
    const place = found.findIndex((each) => hex(each) === said.challenge);
    if (place >= 0) return { number: first + place, took: Math.round(performance.now() - started) };
  }
  return null;
}

export async function prove(input) {
  if (!globalThis.crypto?.subtle) return "";
  const said = JSON.parse(input.dataset.challenge);
  said.maxNumber = said.maxNumber ?? said.maxnumber;
  const solved = await solve(said);
  if (!solved) return "";
  const { algorithm, challenge, salt, signature } = said;
  return btoa(JSON.stringify({ algorithm, challenge, salt, signature, ...solved }));
}

for (const form of document.querySelectorAll("form")) {
  const input = form.querySelector("[data-challenge]");
  if (!input) continue;
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || input.value) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.setAttribute("aria-disabled", "true");
    input.value = await prove(input);
    button.removeAttribute("aria-disabled");
    form.submit();
  });
}

document.getElementById("faults")?.focus();

const leak = document.getElementById("leak");
if (leak && globalThis.crypto?.subtle) {
  leak.hidden = false;
  const answer = document.getElementById("leak-answer");
  const says = (name) => leak.querySelector(`[data-says="${name}"]`).innerHTML;
  leak.querySelector("button").addEventListener("click", async () => {
    const tried = document.getElementById("tried").value;
    if (!tried) return;
    const hash = hex(await crypto.subtle.digest("SHA-1", text.encode(tried))).toUpperCase();
    const response = await fetch(`/leaked/${hash.slice(0, 5)}`);
    if (!response.ok) {
      answer.innerHTML = says("failed");
      return;
    }
    const lines = (await response.text()).split("\n");
    answer.innerHTML = says(lines.some((line) => line.startsWith(`${hash.slice(5)}:`)) ? "leaked" : "unknown");
  });
}
