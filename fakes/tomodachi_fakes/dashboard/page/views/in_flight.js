/** Messages that were delivered and not settled: since when, until when, and who has them. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { span } from "../format.js";
import { queueLink } from "../places.js";
import { searchField, table } from "../table.js";
import { badge, body, messageLink } from "./parts.js";

export const inFlight = {
  title: "In flight",
  load: () => get("in-flight"),
  draw: (rows, { status }) => [
    h("header", { class: "head" }, h("h1", null, "In flight"), searchField("in-flight", "messages")),
    table("in-flight", columns(status.clock.now), rows, { keyOf, empty: "Nobody holds a message." }),
  ],
};

const keyOf = (row) => `${row.message_id} ${holderOf(row)}`;

function columns(now) {
  return [
    { title: "Broker", value: (row) => row.service, cell: (row) => badge(row.service) },
    { title: "Message", value: (row) => row.message_id, cell: (row) => messageLink(row.message_id, row) },
    { title: "Queue", value: (row) => row.queue, cell: (row) => h("a", { href: queueLink(row) }, row.queue) },
    { title: "Held for", value: (row) => now - row.held_since, cell: (row) => span(Math.max(0, now - row.held_since)) },
    { title: "Comes back", value: (row) => row.held_until ?? Infinity, cell: (row) => comesBack(row, now) },
    { title: "Held by", value: holderOf },
    { title: "Body", value: (row) => row.body, cell: (row) => body(row.body, row.encoding, `body-${keyOf(row)}`) },
  ];
}

function comesBack(row, now) {
  if (row.held_until === null) return "when its channel closes";
  const times = row.max_receive_count ? `, received ${row.receive_count} of ${row.max_receive_count} times` : "";
  return `in ${span(Math.max(0, row.held_until - now))}${times}`;
}

function holderOf({ holder }) {
  if (!holder) return "whoever received it";
  const { peer, channel, consumer_tag, delivery_tag } = holder;
  return `${peer}, channel ${channel}, ${consumer_tag ?? "basic.get"}, delivery ${delivery_tag}`;
}
