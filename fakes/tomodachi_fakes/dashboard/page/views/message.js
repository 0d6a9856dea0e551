/** A message's life across topics, exchanges, queues and dead letters, and why it is where it is. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { badge, card, facts, timeCell } from "./parts.js";

const DEEPEST = 6;

export const message = {
  title: "Message",
  load: ({ message_id, queue }) => get("timeline", { message_id, queue }),
  draw: (found) => [
    h("h1", null, "Message ", h("code", null, found.message_id)),
    card("Why is it here?", h("ol", { class: "why" }, found.why.map((step) => h("li", null, step)))),
    card("Its life",
      found.left_out > 0 && h("p", null, `The first events; ${found.left_out} more are not shown.`),
      h("ol", { class: "timeline" }, found.events.map(step))),
  ],
};

function step(event) {
  const level = Math.min(event.level, DEEPEST);
  return h("li", { class: `level-${level}${event.own ? " own" : ""}`, "data-key": event.seq },
    timeCell(event.at), badge(event.service),
    h("details", { "data-key": `detail-${event.seq}` },
      h("summary", null, event.text),
      facts({ Event: event.kind, Of: event.subject, Message: event.message_id, ...event.detail })));
}
