/** Shortcuts, and the list of them. Keys that are typed into a field are left alone. */

import { action, changed, perform } from "./actions.js";
import { open } from "./dialog.js";
import { h } from "./dom.js";
import { go } from "./router.js";
import { NAVIGATION } from "./views/all.js";

const SHORTCUTS = {
  "/": ["Search in this view", () => document.querySelector("main input[type=search]")?.focus()],
  f: ["Freeze the brokers' time, or let it go on", () => perform("clock-toggle")],
  n: ["Move time to what is due next", () => perform("clock-next")],
  r: ["Draw again", changed],
  d: ["Light or dark", () => perform("theme")],
  "?": ["This list", () => perform("help")],
};

export function startKeyboard() {
  action("help", showHelp);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const view = NAVIGATION[Number(event.key) - 1];
    const [, run] = SHORTCUTS[event.key] ?? [];
    if (!view && !run) return;
    event.preventDefault();
    if (view) go(view.name);
    else run();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.type === "search") event.target.blur();
  });
}

function isTyping(element) {
  return element.matches("input, textarea, select") || element.isContentEditable;
}

function showHelp() {
  const views = NAVIGATION.map(({ title }, index) => [String(index + 1), title]);
  const others = Object.entries(SHORTCUTS).map(([key, [what]]) => [key, what]);
  open(
    h("h2", null, "Keyboard shortcuts"),
    h("dl", { class: "keys" }, [...views, ...others].map(([key, what]) => [
      h("dt", null, h("kbd", null, key)), h("dd", null, what),
    ])),
    h("form", { method: "dialog", class: "buttons" }, h("button", { autofocus: true }, "Close")),
  );
}
