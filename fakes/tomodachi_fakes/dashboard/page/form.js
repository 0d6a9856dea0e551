/** Fields of forms, and what was typed into them as parameters of the control API. */

import { h } from "./dom.js";

/** A field with its label; `options` become attributes of the field. */
export function field(name, label, { tag = "input", options = null, hint = null, ...attributes } = {}) {
  const element = tag === "select"
    ? h("select", { name, ...attributes }, options.map((option) => h("option", { value: option }, option || "any")))
    : h(tag, { name, ...attributes });
  return h("label", { class: tag === "textarea" ? "wide" : null }, h("span", null, label), element,
    hint && h("small", null, hint));
}

/**
 * What was typed into a form, by name. Empty fields are left out; fields with `data-as="number"` or `data-as="json"`
 * are read as that.
 */
export function valuesOf(form) {
  const values = {};
  for (const element of form.elements) {
    if (!element.name) continue;
    const text = element.value;
    if (text === "" && element.dataset.keep === undefined) continue;
    values[element.name] = read(element.dataset.as, text, element.labels[0]?.firstChild.textContent);
  }
  return values;
}

function read(kind, text, label) {
  if (kind === "number") return Number(text);
  if (kind !== "json") return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${label}: this is no JSON. ${error.message}`);
  }
}
