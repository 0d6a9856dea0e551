/** One queue: what lies in it, looked at without receiving, and a form to send to it. */

import { action, changed } from "../actions.js";
import { get, post, Refused } from "../api.js";
import { showText } from "../dialog.js";
import { h } from "../dom.js";
import { counted, shortName, span } from "../format.js";
import { field, valuesOf } from "../form.js";
import { about, canBeRedriven, findQueue, queueRef, referenceOf } from "../places.js";
import { table } from "../table.js";
import { tell } from "../toast.js";
import { badge, body, button, card, facts, messageLink, shown } from "./parts.js";
import "./queue_actions.js";

const SHOWN = 100;
const STATES = { ready: "ready", in_flight: "in flight", delayed: "delayed" };

export const queue = {
  title: "Queue",
  load: async (reference) => {
    const [rows, messages] = await Promise.all([get("queues"), get("peek", { ...reference, limit: SHOWN })]);
    const row = findQueue(rows, reference);
    if (!row) throw new Refused(`There is no queue ${shortName(reference.queue)} any more.`);
    return { rows, messages, row };
  },
  draw: ({ rows, row, messages }, { status }) => [
    h("header", { class: "head" },
      h("h1", null, badge(row.service), ` ${row.name}`),
      h("span", { class: "actions" },
        canBeRedriven(row, rows) && button("redrive", "Redrive", queueRef(row)),
        button("purge", "Purge", queueRef(row)),
        button("delete-queue", "Delete", queueRef(row), { kind: "danger" }))),
    factsOf(row),
    card("Messages",
      messages.length === SHOWN && h("p", null, `The first ${SHOWN}.`),
      table("messages-of-queue", columns(row, status.clock.now), messages, {
        keyOf: (message) => message.message_id + message.state, empty: "It is empty.",
      })),
    card("Send a message", sendForm(row)),
  ],
};

action("reproduce", async (data) => {
  const { code } = await get("reproduce", referenceOf(data));
  showText("A test that sends it again", code);
});

action("send", async (data, form) => {
  await post("send", { ...referenceOf(data), body: "", ...valuesOf(form) });
  tell("Sent.");
  changed();
});

function factsOf(row) {
  const counts = `${row.ready} ready, ${row.in_flight} in flight, ${row.delayed} delayed`;
  if (row.service === "sqs") {
    return facts({
      ARN: row.arn, Messages: counts, "Dead-letter queue": row.dead_letter_queue && shortName(row.dead_letter_queue),
      "Dead-lettered": row.dead_lettered || null, "Long polls": row.waiting || null,
    });
  }
  return facts({
    "Virtual host": row.vhost, Type: row.type, Messages: counts, Consumers: row.consumers,
    "Dead-letter exchange": row.dead_letter_exchange, Arguments: Object.keys(row.arguments).length ? row.arguments : null,
  });
}

function columns(row, now) {
  return [
    { title: "Message", value: (message) => message.message_id, cell: (message) => messageLink(message.message_id, row) },
    { title: "State", value: (message) => message.state, cell: (message) => stateOf(message, now) },
    { title: "Body", value: (message) => message.body, cell: (message) => body(message.body, message.encoding, `body-${message.message_id}`) },
    { title: "Attributes", value: (message) => attributesOf(message) },
    {
      title: "As a test",
      cell: ({ message_id }) => button("reproduce", "Copy as pytest", { ...queueRef(row), message_id }),
    },
  ];
}

function stateOf(message, now) {
  const parts = [STATES[message.state]];
  if (message.state !== "ready" && message.visible_at > now) parts.push(`for ${span(message.visible_at - now)} more`);
  if (message.receive_count) parts.push(`received ${counted(message.receive_count, "time")}`);
  if (message.redelivered) parts.push("redelivered");
  return parts.join(", ");
}

function attributesOf(message) {
  const all = { ...message.attributes, ...message.properties };
  if (message.group_id) all.group = message.group_id;
  if (message.routing_key) all["routing key"] = message.routing_key;
  return Object.entries(all).map(([name, value]) => `${name}: ${shown(value)}`).join(", ");
}

function sendForm(row) {
  const isSqs = row.service === "sqs";
  return h("form", { "data-submit": "send", "data-key": "send", ...about(queueRef(row)) },
    field("body", "Body", { tag: "textarea", rows: 4 }),
    field("attributes", isSqs ? "Attributes" : "Headers", { "data-as": "json", placeholder: '{"name": "value"}' }),
    isSqs ? sqsFields() : field("properties", "Properties", { "data-as": "json", placeholder: '{"priority": 5}' }),
    h("p", { class: "buttons" }, h("button", { class: "primary" }, "Send")));
}

function sqsFields() {
  return [
    field("delay_s", "Delay in seconds", { type: "number", min: 0, max: 900, "data-as": "number" }),
    field("group_id", "Message group"),
    field("deduplication_id", "Deduplication id"),
  ];
}
