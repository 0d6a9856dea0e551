/** Rates of the last minutes, made from the control API's counts of events. */

const KEPT = 60;

/** What is drawn, and the events it counts. */
export const CURVES = [
  { name: "Published", kinds: ["sns.published", "amqp.published"], what: "to topics and exchanges" },
  { name: "Enqueued", kinds: ["sqs.sent", "amqp.enqueued"], what: "arrived in queues" },
  { name: "Delivered", kinds: ["sqs.received", "amqp.delivered"], what: "handed to consumers" },
  { name: "Settled", kinds: ["sqs.deleted", "amqp.acked"], what: "deleted or acknowledged" },
  {
    name: "Dead-lettered", kinds: ["sns.dead-lettered", "sqs.dead-lettered", "amqp.dead-lettered"],
    what: "given up on",
  },
];

const history = new Map(CURVES.map(({ name }) => [name, []]));
let seq = null;
let lookedAt = 0;

/** What to give as `after` for the next counts; nothing before the first look. */
export const seen = () => seq;

/** Take the counts since the last look. */
export function take(activity) {
  const now = performance.now();
  // The first counts are those of the whole log, over a time that nobody knows.
  if (seq !== null) {
    const seconds = Math.max(0.001, (now - lookedAt) / 1000);
    for (const { name, kinds } of CURVES) {
      const total = kinds.reduce((sum, kind) => sum + (activity.counts[kind] ?? 0), 0);
      const rates = history.get(name);
      rates.push(total / seconds);
      if (rates.length > KEPT) rates.shift();
    }
  }
  seq = activity.seq;
  lookedAt = now;
}

/** The rates of a curve, oldest first. */
export const ratesOf = (name) => history.get(name);
