/**
 * Tables that are searched and sorted. A column has a `title`, the `value` that it sorts by, and a `cell` where
 * something else is shown than that.
 */

import { action, changed } from "./actions.js";
import { h } from "./dom.js";
import { count } from "./format.js";

const searches = new Map();
const orders = new Map();

action("search", ({ table }, field) => {
  searches.set(table, field.value.toLowerCase());
  changed();
});
action("sort", ({ table, column }) => {
  const order = orders.get(table);
  orders.set(table, { column, falling: order?.column === column && !order.falling });
  changed();
});

/** A field to search a table with. */
export function searchField(table, what) {
  return h("input", {
    type: "search", placeholder: `Search ${what} ( / )`, "aria-label": `Search ${what}`, "data-input": "search",
    "data-table": table, "data-key": `search-${table}`,
  });
}

/** Rows of which some column has what is searched for. */
export function searched(table, columns, rows) {
  const wanted = searches.get(table);
  if (!wanted) return rows;
  return rows.filter((row) => columns.some(({ value }) => String(value?.(row) ?? "").toLowerCase().includes(wanted)));
}

/** A table; `empty` is said where there is no row. */
export function table(name, columns, rows, { keyOf, empty }) {
  const found = sorted(name, columns, searched(name, columns, rows));
  if (!found.length) return h("p", { class: "empty" }, rows.length ? "Nothing fits the search." : empty);
  return h("div", { class: "scroll" },
    h("table", null,
      h("thead", null, h("tr", null, columns.map((column) => heading(name, column)))),
      h("tbody", null, found.map((row) => h("tr", { "data-key": keyOf(row) }, columns.map((column) => cellOf(column, row)))))));
}

function sorted(name, columns, rows) {
  const order = orders.get(name);
  const column = columns.find(({ title }) => title === order?.column);
  if (!column) return rows;
  const sign = order.falling ? -1 : 1;
  return [...rows].sort((one, other) => sign * compare(column.value(one), column.value(other)));
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one ?? "").localeCompare(String(other ?? ""), "en", { numeric: true });
}

function heading(name, { title, value, numeric }) {
  if (!value) return h("th", { scope: "col" }, h("span", { class: "unseen" }, title));
  const order = orders.get(name);
  const direction = order?.column === title ? (order.falling ? "descending" : "ascending") : null;
  return h("th", { scope: "col", "aria-sort": direction, class: numeric && "number" },
    h("button", { type: "button", "data-action": "sort", "data-table": name, "data-column": title }, title));
}

function cellOf({ value, cell, numeric }, row) {
  const content = cell ? cell(row) : value(row);
  const shown = numeric && typeof content === "number" ? count(content) : content;
  return h("td", { class: numeric && (content === 0 ? "number none" : "number") }, shown ?? "–");
}
