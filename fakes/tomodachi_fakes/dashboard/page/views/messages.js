/** Messages that something happened to lately. */

import { action, changed } from "../actions.js";
import { get } from "../api.js";
import { h } from "../dom.js";
import { table } from "../table.js";
import { badge, messageLink, timeCell } from "./parts.js";

let search = "";

// The broker searches: it knows more messages than are shown.
action("search-messages", (_, field) => {
  search = field.value.trim();
  changed();
});

export const messages = {
  title: "Messages",
  load: () => get("messages", { search, limit: 100 }),
  draw: (rows) => [
    h("header", { class: "head" },
      h("h1", null, "Messages"),
      h("input", { type: "search", placeholder: "Search ids, queues, topics ( / )", "aria-label": "Search messages", "data-input": "search-messages" })),
    table("messages", COLUMNS, rows, {
      keyOf: (row) => row.message_id, empty: search ? "Nothing fits the search." : "Nothing happened to a message yet.",
    }),
  ],
};

const COLUMNS = [
  { title: "Time", value: (row) => row.at, cell: (row) => timeCell(row.at) },
  { title: "Broker", value: (row) => row.service, cell: (row) => badge(row.service) },
  { title: "Message", value: (row) => row.message_id, cell: (row) => messageLink(row.message_id) },
  { title: "Latest", value: (row) => row.text },
];
