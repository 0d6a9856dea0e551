/** Who is connected to RabbitMQ: connections with channels and consumers. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { counted, span } from "../format.js";
import { searchField, searched } from "../table.js";
import { queueLink } from "../places.js";
import { facts } from "./parts.js";

export const connections = {
  title: "Connections",
  load: () => get("connections"),
  draw: (rows, { status }) => {
    const found = searched("connections", SEARCHED, rows);
    return [
      h("header", { class: "head" }, h("h1", null, "Connections"), searchField("connections", "connections")),
      found.length ? found.map((row) => connection(row, status.clock.now))
        : h("p", { class: "empty" }, "Nobody is connected to RabbitMQ. SQS and SNS know no connections."),
    ];
  },
};

const SEARCHED = [{ value: (row) => JSON.stringify(row) }];

function connection(row, now) {
  const { product, version, connection_name } = row.client_properties;
  return h("section", { class: "card", "data-key": row.id },
    h("h2", null, connection_name ?? row.peer),
    facts({
      Client: [product, version].filter(Boolean).join(" "), From: row.peer, User: row.user, "Virtual host": row.vhost,
      State: row.blocked ? `${row.state}, blocked` : row.state, "Connected for": span(Math.max(0, now - row.connected_at)),
    }),
    row.channels.map((one) => channel(one, row)));
}

function channel({ number, prefetch_count, messages_unacknowledged, confirm, transactional, consumers }, { vhost }) {
  const modes = [confirm && "confirms", transactional && "transactions"].filter(Boolean).join(", ");
  return h("div", { class: "channel", "data-key": number },
    h("h3", null, `Channel ${number}`),
    facts({ Prefetch: prefetch_count || "no limit", Unacknowledged: messages_unacknowledged, Modes: modes }),
    h("ul", { class: "plain" }, consumers.map((one) => h("li", { "data-key": one.consumer_tag },
      h("code", null, one.consumer_tag), " consumes ",
      h("a", { href: queueLink({ service: "amqp", name: one.queue, vhost }) }, one.queue),
      `, holds ${counted(one.unacked, "message")}`))));
}
