/** What happened last, the latest first. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { shortName } from "../format.js";
import { searchField, table } from "../table.js";
import { badge, messageLink, shown, timeCell } from "./parts.js";

export const events = {
  title: "Events",
  load: () => get("events", { limit: 300 }),
  draw: (rows) => [
    h("header", { class: "head" }, h("h1", null, "Events"), searchField("events", "events")),
    table("events", COLUMNS, rows.reverse(), { keyOf: (row) => row.seq, empty: "Nothing happened yet." }),
  ],
};

const COLUMNS = [
  { title: "Number", value: (row) => row.seq, numeric: true },
  { title: "Time", value: (row) => row.at, cell: (row) => timeCell(row.at) },
  { title: "Broker", value: (row) => row.service, cell: (row) => badge(row.service) },
  { title: "What", value: (row) => row.kind },
  { title: "Where", value: (row) => shortName(row.subject) },
  { title: "Message", value: (row) => row.message_id, cell: (row) => row.message_id && messageLink(row.message_id) },
  { title: "Because of", value: (row) => row.cause, numeric: true },
  { title: "More", value: (row) => Object.entries(row.detail).map(([name, value]) => `${name}: ${shown(value)}`).join(", ") },
];
