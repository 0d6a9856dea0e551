/**
 * What is done on a click, a sent form or a changed field. Elements name their action in `data-action`,
 * `data-submit` or `data-change`; so drawing needs no listeners, and drawing again loses none.
 */

import { complain } from "./toast.js";

const handlers = new Map();

/** Say what an action does; it is given the element's data, the element and the event. */
export function action(name, handler) {
  handlers.set(name, handler);
}

/** Have everything drawn again: something was done. */
export const changed = () => document.dispatchEvent(new CustomEvent("changed"));

/** Begin to listen. */
export function startActions() {
  document.addEventListener("click", (event) => run(event, "action"));
  document.addEventListener("input", (event) => run(event, "input"));
  document.addEventListener("change", (event) => run(event, "change"));
  document.addEventListener("submit", (event) => {
    // Dialogs close by their own forms; every other form is an action.
    if (run(event, "submit")) event.preventDefault();
  });
}

/** Do the action of that name, as a shortcut does. */
export async function perform(name, data = {}, element = document.body, event = null) {
  try {
    await handlers.get(name)(data, element, event);
  } catch (error) {
    complain(error);
  }
}

function run(event, kind) {
  const element = event.target.closest?.(`[data-${kind}]`);
  if (!element) return false;
  if (element.tagName === "A") event.preventDefault();
  perform(element.dataset[kind], element.dataset, element, event);
  return true;
}
