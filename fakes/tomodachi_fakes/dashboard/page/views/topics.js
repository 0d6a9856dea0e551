/** Topics with their subscriptions, and exchanges with their bindings. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { targetRef } from "../places.js";
import { link } from "../router.js";
import { searchField, table } from "../table.js";
import { badge } from "./parts.js";

export const topics = {
  title: "Topics & exchanges",
  load: () => get("topics"),
  draw: (rows) => [
    h("header", { class: "head" }, h("h1", null, "Topics and exchanges"), searchField("topics", "topics and exchanges")),
    table("topics", COLUMNS, rows, { keyOf: addressOf, empty: "There is no topic yet." }),
  ],
};

const addressOf = (row) => link("topic", targetRef(row));
const nameOf = (row) => row.name || "(default exchange)";

const COLUMNS = [
  { title: "Broker", value: (row) => row.service, cell: (row) => badge(row.service) },
  { title: "Name", value: nameOf, cell: (row) => h("a", { href: addressOf(row) }, nameOf(row)) },
  { title: "Type", value: (row) => row.type ?? "topic" },
  { title: "Where", value: (row) => row.vhost ?? `${row.account} ${row.region}` },
  { title: "Goes to", value: (row) => (row.subscriptions ?? row.bindings).length, numeric: true },
];
