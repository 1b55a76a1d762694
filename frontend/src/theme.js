// Sets light or dark before the page is drawn: what was chosen here, else what the machine prefers.
const prefers = window.matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  return window.localStorage.getItem("theme") ?? (prefers.matches ? "dark" : "light");
}

function apply() {
  document.documentElement.dataset.bsTheme = chosen();
  document.dispatchEvent(new CustomEvent("theme"));
}

apply();
prefers.addEventListener("change", apply);
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-switch-theme]")) return;
  window.localStorage.setItem("theme", chosen() === "dark" ? "light" : "dark");
  apply();
});
