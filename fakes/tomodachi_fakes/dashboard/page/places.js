/** Queues, topics and exchanges as the control API's parameters and as addresses of views. */

import { link } from "./router.js";

/** Parameters that name a queue. */
export function queueRef(row) {
  return row.service === "sqs"
    ? { service: "sqs", queue: row.arn ?? row.queue }
    : { service: "amqp", queue: row.name ?? row.queue, vhost: row.vhost };
}

/** Parameters that name a topic or an exchange. */
export function targetRef(row) {
  return row.service === "sns" ? { topic: row.arn } : { exchange: row.name, vhost: row.vhost };
}

/** The address of a queue's view. */
export const queueLink = (row) => link("queue", queueRef(row));

/** The queue that parameters name, among rows; nothing when it is gone. */
export function findQueue(rows, reference) {
  return rows.find((row) =>
    row.service === "sqs" ? row.arn === reference.queue : row.name === reference.queue && row.vhost === reference.vhost,
  );
}

/** The topic or exchange that parameters name, among rows. */
export function findTarget(rows, reference) {
  return rows.find((row) =>
    row.service === "sns" ? row.arn === reference.topic : row.name === reference.exchange && row.vhost === reference.vhost,
  );
}

/** Whether other queues send their dead letters to this SQS queue. */
export function isDeadLetterQueue(row, rows) {
  return row.service === "sqs" && rows.some((other) => other.dead_letter_queue === row.arn);
}

/** Whether there may be dead letters in it that can go back. */
export function canBeRedriven(row, rows) {
  return row.service === "amqp" ? row.ready > 0 : isDeadLetterQueue(row, rows) && row.ready > 0;
}

/** Data for an element whose action is about something; `referenceOf` reads it again. */
export const about = (reference) => ({ "data-about": JSON.stringify(reference) });

/** What an action is about. */
export const referenceOf = (data) => JSON.parse(data.about);
