/** Light or dark: as the system says, unless somebody chose here. */

import { action } from "./actions.js";

const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches;
}

function show() {
  const button = document.getElementById("theme");
  button.textContent = isDark() ? "☀" : "☾";
  button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
}

export function startTheme() {
  action("theme", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    show();
  });
  systemIsDark.addEventListener("change", show);
  show();
}
