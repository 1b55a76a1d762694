// Parts of pages are renewed in place by htmx; nothing is evaluated and nothing styled inline.
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;

// A <select> that decides what a page shows sends its form by itself; the button stays for keyboards without JS.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset.sends !== undefined) field.form?.requestSubmit();
});
