/** Every queue of both brokers, with its messages by state. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { canBeRedriven, queueLink, queueRef } from "../places.js";
import { searchField, table } from "../table.js";
import { badge, button } from "./parts.js";
import "./queue_actions.js";

export const queues = {
  title: "Queues",
  load: () => get("queues"),
  draw: (rows) => [
    h("header", { class: "head" }, h("h1", null, "Queues"), searchField("queues", "queues")),
    table("queues", columns(rows), rows, { keyOf: queueLink, empty: "There is no queue yet." }),
  ],
};

function columns(rows) {
  return [
    { title: "Broker", value: (row) => row.service, cell: (row) => badge(row.service) },
    { title: "Queue", value: (row) => row.name, cell: (row) => h("a", { href: queueLink(row) }, row.name) },
    { title: "Where", value: where },
    { title: "Ready", value: (row) => row.ready, numeric: true },
    { title: "In flight", value: (row) => row.in_flight, numeric: true },
    { title: "Delayed", value: (row) => row.delayed, numeric: true },
    { title: "Dead-lettered", value: (row) => row.dead_lettered, numeric: true },
    { title: "Consumers", value: (row) => row.consumers ?? row.waiting, numeric: true },
    {
      title: "Actions",
      cell: (row) => h("span", { class: "actions" },
        canBeRedriven(row, rows) && button("redrive", "Redrive", queueRef(row), { title: "Move its messages back where they died" }),
        button("purge", "Purge", queueRef(row), { title: "Forget its messages" }),
        button("delete-queue", "Delete", queueRef(row), { kind: "danger" })),
    },
  ];
}

/** Account and region, or virtual host. */
function where(row) {
  if (row.service === "sqs") return `${row.account} ${row.region}`;
  return `${row.vhost} ${row.type}`;
}
