/** Small parts that several views are made of. */

import { h } from "../dom.js";
import { clockTime, oneLine, pretty } from "../format.js";
import { about, queueRef } from "../places.js";
import { link } from "../router.js";

const NAMES = { sqs: "SQS", sns: "SNS", amqp: "RabbitMQ" };

/** Which broker something belongs to. */
export const badge = (service) => h("span", { class: `badge ${service}` }, NAMES[service] ?? service);

/** A button that does something about something. */
export function button(action, label, reference, { kind = null, title = null } = {}) {
  return h("button", { type: "button", class: kind, title, "data-action": action, ...about(reference) }, label);
}

/** A message's id, as a link to its life. */
export function messageLink(id, place = {}) {
  const queue = place.service ? queueRef(place) : {};
  return h("a", { href: link("message", { message_id: id, ...queue }), class: "id", title: id }, id.slice(0, 8));
}

/** The beginning of a body; the whole of it when opened. */
export function body(text, encoding, key) {
  const shown = encoding === "base64" ? `${text} (base64)` : text;
  return h("details", { class: "body", "data-key": key },
    h("summary", null, oneLine(shown) || h("i", null, "empty")),
    h("pre", { class: "code" }, pretty(shown)));
}

/** Names with their values. */
export function facts(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts" }, given.map(([name, value]) => [
    h("dt", null, name), h("dd", null, value instanceof Node ? value : shown(value)),
  ]));
}

/** A value as text. */
export const shown = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** A time of day; the whole moment when pointed at. */
export const timeCell = (at) => h("time", { title: new Date(at * 1000).toISOString() }, clockTime(at));

/** A card with a heading. */
export const card = (title, ...children) => h("section", { class: "card", "data-key": `card-${title}` }, h("h2", null, title), ...children);
