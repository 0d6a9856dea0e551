/** Dialogs: a question before something is lost, and text to copy. */

import { h } from "./dom.js";
import { tell } from "./toast.js";

/** Ask whether to do something that cannot be undone; true when the answer is yes. */
export function confirmed(question, verb) {
  const dialog = open(
    h("p", null, question),
    h("form", { method: "dialog", class: "buttons" },
      h("button", { value: "" }, "Cancel"),
      h("button", { value: "yes", class: "danger", autofocus: true }, verb)),
  );
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
  });
}

/** Show text that is there to be copied. */
export function showText(title, text) {
  const copy = h("button", { type: "button", class: "primary", autofocus: true }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    tell("Copied.");
  });
  open(
    h("h2", null, title),
    h("pre", { class: "code", tabindex: "0" }, text),
    h("form", { method: "dialog", class: "buttons" }, h("button", null, "Close"), copy),
  );
}

/** Show something in a dialog that closes by its own form, or by the Escape key. */
export function open(...children) {
  const dialog = h("dialog", null, ...children);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

/** Close what is open. */
export function closeDialogs() {
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
}
