/** Faults in force, and a form to plan one. */

import { action, changed } from "../actions.js";
import { get, post } from "../api.js";
import { h } from "../dom.js";
import { counted, span } from "../format.js";
import { field, valuesOf } from "../form.js";
import { table } from "../table.js";
import { tell } from "../toast.js";
import { card } from "./parts.js";

const KINDS = ["error", "latency", "drop_before", "drop_after", "reset", "duplicate", "reorder", "nack"];
const POINTS = [
  "sqs.SendMessage", "sqs.ReceiveMessage", "sqs.DeleteMessage*", "sqs.*", "sns.Publish", "sns.deliver.sqs", "amqp.basic.publish",
  "amqp.basic.consume", "amqp.queue.declare",
];

export const faults = {
  title: "Faults",
  load: () => get("faults"),
  draw: (rows) => [
    h("header", { class: "head" },
      h("h1", null, "Faults"),
      rows.length > 0 && h("button", { type: "button", "data-action": "clear-faults" }, "Take all out of force")),
    card("In force", table("faults", COLUMNS, rows.map((row, index) => ({ ...row, index })), {
      keyOf: (row) => row.index, empty: "Everything works as it should.",
    })),
    card("Plan a fault", form()),
  ],
};

action("add-fault", async (_, form) => {
  const fault = await post("faults", valuesOf(form));
  tell(`${fault.point} meets ${fault.kind} now.`);
  changed();
});

action("clear-faults", async () => {
  const { cleared } = await post("faults", {}, "DELETE");
  tell(`Took ${counted(cleared, "fault")} out of force.`);
  changed();
});

const COLUMNS = [
  { title: "Hits", value: (row) => row.point, cell: (row) => h("code", null, row.point) },
  { title: "With", value: (row) => row.kind, cell: whatOf },
  { title: "First passes", value: (row) => row.after, numeric: true },
  { title: "Times", value: (row) => row.times ?? Infinity, cell: (row) => row.times ?? "every" , numeric: true },
  { title: "Hit so far", value: (row) => row.taken, numeric: true },
];

function whatOf({ kind, code, status, message, seconds, after_bytes, window }) {
  const details = {
    error: [code, status, message], latency: [span(seconds)], reset: [`after ${counted(after_bytes, "octet")}`], reorder: [`among ${window}`],
  };
  return [kind.replace("_", " "), ...(details[kind] ?? [])].filter((part) => part !== null).join(", ");
}

function form() {
  return h("form", { "data-submit": "add-fault", "data-key": "add-fault" },
    field("point", "Hits", { required: true, list: "points", hint: "An operation, * for any; a queue or exchange for duplicate, reorder and nack." }),
    h("datalist", { id: "points" }, POINTS.map((value) => h("option", { value }))),
    field("kind", "With", { tag: "select", options: KINDS }),
    field("times", "Times", { type: "number", min: 0, "data-as": "number", placeholder: "1", hint: "0 is every time." }),
    field("after", "After so many that pass", { type: "number", min: 0, "data-as": "number", placeholder: "0" }),
    field("code", "Error code", { placeholder: "ThrottlingException, 541 …" }),
    field("status", "HTTP status", { type: "number", "data-as": "number", placeholder: "400" }),
    field("message", "Error text"),
    field("seconds", "Seconds of latency", { type: "number", min: 0, step: "any", "data-as": "number" }),
    field("after_bytes", "Octets before a reset", { type: "number", min: 0, "data-as": "number" }),
    field("window", "Messages to reorder among", { type: "number", min: 2, "data-as": "number" }),
    h("p", { class: "buttons" }, h("button", { class: "primary" }, "Plan it")));
}
