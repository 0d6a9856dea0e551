/** How much there is and how much happens, where the brokers are, and the way to forget it all. */

import { action, changed } from "../actions.js";
import { get, post } from "../api.js";
import { curve } from "../chart.js";
import { confirmed } from "../dialog.js";
import { h } from "../dom.js";
import { count, counted, rate, span } from "../format.js";
import { CURVES, ratesOf } from "../rates.js";
import { link } from "../router.js";
import { tell } from "../toast.js";
import { card, facts } from "./parts.js";
import { troubles } from "./troubles.js";

export const overview = {
  title: "Overview",
  load: () => get("queues"),
  draw: (queues, { status }) => [
    h("h1", null, "Overview"),
    h("div", { class: "tiles" },
      tile("Queues", status.queues, "queues"),
      tile("Messages", status.messages, "queues"),
      tile("Topics", status.topics, "topics"),
      tile("Connections", status.connections, "connections"),
      tile("Faults in force", status.faults, "faults")),
    card("What happens", h("div", { class: "curves" }, CURVES.map(drawCurve))),
    card("To look at", troubles(queues)),
    card("Where the brokers are", addresses(status)),
    h("p", null, h("button", { type: "button", class: "danger", "data-action": "reset" }, "Forget everything …")),
  ],
};

action("reset", async () => {
  if (!(await confirmed("Forget every queue, topic, exchange and message? What was made at the start is made anew.", "Forget everything"))) return;
  await post("reset");
  tell("Forgotten.");
  changed();
});

function tile(name, number, view) {
  return h("a", { class: "tile", href: link(view) }, h("b", null, count(number)), h("span", null, name));
}

function drawCurve({ name, what }) {
  const rates = ratesOf(name);
  const now = rates.at(-1) ?? 0;
  return h("figure", { "data-key": name },
    h("figcaption", null, h("b", null, name), ` ${what}`),
    curve(rates, `${name}, the last minute`),
    h("output", null, `${rate(now)}/s`));
}

function addresses(status) {
  return facts({
    "SNS + SQS": status.aws, RabbitMQ: status.amqp, "RabbitMQ over TLS": status.amqps, Management: status.management,
    Process: `${status.pid}, running for ${span(status.uptime_s)}`,
    Holds: `${counted(status.messages, "message")} in ${counted(status.queues, "queue")}`,
  });
}
