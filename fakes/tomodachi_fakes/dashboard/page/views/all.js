/** The views of the page by name, and those that the navigation lists. */

import { connections } from "./connections.js";
import { events } from "./events.js";
import { faults } from "./faults.js";
import { inFlight } from "./in_flight.js";
import { message } from "./message.js";
import { messages } from "./messages.js";
import { overview } from "./overview.js";
import { queue } from "./queue.js";
import { queues } from "./queues.js";
import { topic } from "./topic.js";
import { topics } from "./topics.js";
import { tryOut } from "./try_out.js";

/**
 * A view has a `title`; `load(parameters)` gets its data, and `draw(data, { parameters, status })` makes a list of
 * nodes of it.
 */
export const VIEWS = {
  overview, queues, queue, topics, topic, "in-flight": inFlight, connections, messages, message, try: tryOut, faults, events,
};

/** What the navigation lists, in the order of the keys 1 to 9. */
export const NAVIGATION = [
  { name: "overview", title: overview.title },
  { name: "queues", title: queues.title, under: ["queue"] },
  { name: "topics", title: topics.title, under: ["topic"] },
  { name: "in-flight", title: inFlight.title },
  { name: "connections", title: connections.title },
  { name: "messages", title: messages.title, under: ["message"] },
  { name: "try", title: tryOut.title },
  { name: "faults", title: faults.title },
  { name: "events", title: events.title },
];
