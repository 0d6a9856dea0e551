/** What may want to be looked at: dead letters, and messages that nobody consumes. */

import { h } from "../dom.js";
import { counted } from "../format.js";
import { isDeadLetterQueue, queueLink } from "../places.js";
import { badge } from "./parts.js";

/** Queues with something to look at, each with what it is. */
export function troubles(queues) {
  const found = queues.flatMap((row) => [troubleOf(row, queues)].filter(Boolean).map((text) => ({ row, text })));
  if (!found.length) return h("p", { class: "empty" }, "No dead letters, and no messages without a consumer.");
  return h("ul", { class: "plain" }, found.map(({ row, text }) =>
    h("li", { "data-key": queueLink(row) }, badge(row.service), " ", h("a", { href: queueLink(row) }, row.name), ` ${text}`)));
}

function troubleOf(row, queues) {
  if (isDeadLetterQueue(row, queues)) return row.ready ? `holds ${counted(row.ready, "dead letter")}` : null;
  if (row.service === "amqp" && row.ready && !row.consumers) return `has ${counted(row.ready, "message")} and no consumer`;
  return null;
}
