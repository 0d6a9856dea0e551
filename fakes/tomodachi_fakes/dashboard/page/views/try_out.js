/** Would this message pass? Filter policies of SNS and binding keys of RabbitMQ, asked of the cores that decide. */

import { action, changed } from "../actions.js";
import { post } from "../api.js";
import { h } from "../dom.js";
import { field, valuesOf } from "../form.js";
import { card } from "./parts.js";

const SCOPES = ["MessageAttributes", "MessageBody"];
const TYPES = ["topic", "direct", "fanout", "headers"];
const verdicts = { policy: null, binding: null };

export const tryOut = {
  title: "Try out",
  load: async () => verdicts,
  draw: ({ policy, binding }) => [
    h("h1", null, "Try out"),
    card("A filter policy of SNS",
      h("form", { "data-submit": "try-policy", "data-key": "try-policy" },
        field("policy", "Filter policy", { tag: "textarea", rows: 4, required: true, placeholder: '{"kind": ["a", {"prefix": "b"}]}' }),
        field("scope", "Looks at", { tag: "select", options: SCOPES }),
        field("attributes", "Message attributes", { "data-as": "json", placeholder: '{"kind": "a"}' }),
        field("body", "Message", { tag: "textarea", rows: 3 }),
        h("p", { class: "buttons" }, h("button", { class: "primary" }, "Try"))),
      policy && [verdict(policy.matches, "The message passes.", "The message is held back."), parts(policy.parts)]),
    card("A binding of RabbitMQ",
      h("form", { "data-submit": "try-binding", "data-key": "try-binding" },
        field("type", "Type of the exchange", { tag: "select", options: TYPES }),
        field("binding_key", "Binding key", { placeholder: "order.*.created" }),
        field("arguments", "Arguments of the binding", { "data-as": "json", placeholder: '{"x-match": "all"}' }),
        field("routing_key", "Routing key", { placeholder: "order.eu.created" }),
        field("attributes", "Headers", { "data-as": "json", placeholder: '{"name": "value"}' }),
        h("p", { class: "buttons" }, h("button", { class: "primary" }, "Try"))),
      binding && verdict(binding.matches, "The binding takes it.", "The binding does not take it.")),
  ],
};

for (const [name, path] of [["policy", "try/filter-policy"], ["binding", "try/binding"]]) {
  action(`try-${name}`, async (_, form) => {
    verdicts[name] = null;
    verdicts[name] = await post(path, valuesOf(form));
    changed();
  });
}

const verdict = (matches, yes, no) => h("p", { class: `verdict ${matches ? "yes" : "no"}`, role: "status" }, matches ? yes : no);

function parts(rows) {
  return h("ul", { class: "plain verdicts" }, rows.map(({ name, matches }) =>
    h("li", { class: matches ? "yes" : "no" }, h("code", null, name), matches ? " fits" : " does not fit")));
}
