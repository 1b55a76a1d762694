// Parts of pages are renewed in place by htmx; nothing is evaluated and nothing styled inline.
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;

// A part of a page that changes by itself is asked for anew; what has not changed is not sent again. What is
// over is shown by the whole page.
function follow(part) {
  let tag = "";
  async function ask() {
    try {
      const answer = await fetch(part.dataset.follow, { headers: { "If-None-Match": tag }, cache: "no-store" });
      if (answer.status === 200 && !answer.redirected) {
        tag = answer.headers.get("ETag");
        part.innerHTML = await answer.text();
      }
      if (answer.redirected || part.querySelector("[data-over]")) return location.reload();
    } catch {
      // The server is away for a moment: it is asked again.
    }
    setTimeout(ask, 1500);
  }
  setTimeout(ask, 500);
}
document.querySelectorAll("[data-follow]").forEach(follow);

// Whoever went away leaves nothing on the screen: once their session is over for want of use, the page is
// cleared. What the page asks for by itself, again and again, is no use of theirs.
function clearWhenLeft(seconds) {
  const polled = [...document.querySelectorAll("[data-follow]")].map((part) => new URL(part.dataset.follow, location).href);
  let used = Date.now();
  new PerformanceObserver((seen) => {
    if (seen.getEntries().some((entry) => !polled.includes(entry.name))) used = Date.now();
  }).observe({ type: "resource" });
  const clear = () => {
    if (Date.now() - used < seconds * 1000) return;
    document.body.replaceChildren(document.getElementById("left").content);
    clearInterval(asking);
    document.removeEventListener("visibilitychange", clear);
  };
  const asking = setInterval(clear, 10_000);
  document.addEventListener("visibilitychange", clear);
}
if (document.body.dataset.idleS) clearWhenLeft(Number(document.body.dataset.idleS));

// A <select> that decides what a page shows sends its form by itself; the button stays for keyboards without JS.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset.sends !== undefined) field.form?.requestSubmit();
});
