/** Short messages at the edge: what was done goes by itself, what went wrong stays until it is dismissed. */

import { h } from "./dom.js";

const SHOWN_MS = 4000;

/** Tell what was done. */
export function tell(text) {
  const toast = show("done", text);
  setTimeout(() => toast.remove(), SHOWN_MS);
}

/** Tell what went wrong. */
export function complain(error) {
  show("failed", error.message ?? String(error));
}

function show(kind, text) {
  const close = h("button", { type: "button", class: "icon", "aria-label": "Dismiss" }, "×");
  const toast = h("div", { class: `toast ${kind}` }, h("p", null, text), close);
  close.addEventListener("click", () => toast.remove());
  document.getElementById("toasts").append(toast);
  return toast;
}
