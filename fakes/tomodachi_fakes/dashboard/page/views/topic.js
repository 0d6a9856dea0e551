/** One topic or exchange: who gets its messages, and why; a form to publish, and to ask beforehand who would get it. */

import { action, changed } from "../actions.js";
import { get, post, Refused } from "../api.js";
import { confirmed } from "../dialog.js";
import { h } from "../dom.js";
import { counted, shortName } from "../format.js";
import { field, valuesOf } from "../form.js";
import { about, findTarget, referenceOf, targetRef } from "../places.js";
import { go } from "../router.js";
import { table } from "../table.js";
import { tell } from "../toast.js";
import { badge, button, card, facts } from "./parts.js";

// Who would get the message in the form, as it was asked last; of the place it was asked about.
let audience = null;

export const topic = {
  title: "Topic",
  load: async (reference) => {
    const row = findTarget(await get("topics"), reference);
    if (!row) throw new Refused(`There is no ${shortName(reference.topic ?? reference.exchange)} any more.`);
    return row;
  },
  draw: (row) => {
    const isTopic = row.service === "sns";
    return [
      h("header", { class: "head" },
        h("h1", null, badge(row.service), ` ${row.name || "(default exchange)"}`),
        row.name && button("delete-target", "Delete", targetRef(row), { kind: "danger" })),
      facts(isTopic ? { ARN: row.arn } : { "Virtual host": row.vhost, Type: row.type }),
      card(isTopic ? "Subscriptions" : "Bindings", isTopic ? subscriptions(row) : bindings(row)),
      card("Publish", publishForm(row), audience?.about === JSON.stringify(targetRef(row)) && drawAudience(audience.rows)),
    ];
  },
};

action("delete-target", async (data) => {
  const target = referenceOf(data);
  const name = shortName(target.topic ?? target.exchange);
  if (!(await confirmed(`Delete ${name}?`, "Delete"))) return;
  await post("delete", target);
  tell(`Deleted ${name}.`);
  go("topics");
});

action("publish", async (data, form, event) => {
  const message = { ...referenceOf(data), body: "", ...valuesOf(form) };
  if (event.submitter?.value === "ask") {
    const { body, attributes, routing_key } = message;
    const asked = { ...referenceOf(data), body, attributes, routing_key };
    audience = { about: data.about, rows: await post("try/audience", asked) };
  } else {
    const answer = await post("publish", message);
    tell(answer.queues === undefined ? "Published." : `Published; ${counted(answer.queues, "queue")} took it.`);
  }
  changed();
});

function subscriptions(row) {
  return table("subscriptions", SUBSCRIPTION_COLUMNS, row.subscriptions, { keyOf: ({ arn }) => arn, empty: "Nobody has subscribed." });
}

const SUBSCRIPTION_COLUMNS = [
  { title: "Protocol", value: (one) => one.protocol },
  { title: "Endpoint", value: (one) => shortName(one.endpoint) },
  { title: "State", value: (one) => (one.pending ? "not confirmed" : "confirmed") },
  { title: "Delivery", value: (one) => (one.raw ? "raw" : "notification") },
  { title: "Filter policy", value: (one) => one.filter_policy, cell: (one) => filterOf(one) },
];

function filterOf(one) {
  if (!one.filter_policy) return "everything";
  return h("code", { title: one.filter_policy_scope }, one.filter_policy);
}

function bindings(row) {
  return table("bindings", BINDING_COLUMNS, row.bindings, {
    keyOf: (one) => `${one.destination} ${one.key} ${JSON.stringify(one.arguments)}`,
    empty: row.name ? "Nothing is bound to it." : "Every queue is bound to it by its own name.",
  });
}

const BINDING_COLUMNS = [
  { title: "To", value: (one) => one.destination },
  { title: "Binding key", value: (one) => one.key, cell: (one) => h("code", null, one.key) },
  { title: "Arguments", value: (one) => (Object.keys(one.arguments).length ? JSON.stringify(one.arguments) : "") },
];

function publishForm(row) {
  const isTopic = row.service === "sns";
  return h("form", { "data-submit": "publish", "data-key": "publish", ...about(targetRef(row)) },
    !isTopic && field("routing_key", "Routing key"),
    field("body", "Message", { tag: "textarea", rows: 4 }),
    field("attributes", isTopic ? "Attributes" : "Headers", { "data-as": "json", placeholder: '{"name": "value"}' }),
    isTopic ? snsFields() : field("properties", "Properties", { "data-as": "json", placeholder: '{"priority": 5}' }),
    h("p", { class: "buttons" },
      h("button", { class: "primary", value: "publish" }, "Publish"),
      h("button", { value: "ask" }, "Who would get it?")));
}

function snsFields() {
  return [field("subject", "Subject"), field("group_id", "Message group"), field("deduplication_id", "Deduplication id")];
}

function drawAudience(rows) {
  if (!rows.length) return h("p", { class: "empty" }, "Nobody: nothing listens here.");
  return h("ul", { class: "plain verdicts" }, rows.map(({ destination, by, matches }) =>
    h("li", { class: matches ? "yes" : "no" }, `${shortDestination(destination)} ${matches ? "would get it" : "would not"}`, by && [" (", h("code", null, by), ")"])));
}

function shortDestination(destination) {
  const [kind, ...name] = destination.split(" ");
  return `${kind} ${shortName(name.join(" "))}`;
}
