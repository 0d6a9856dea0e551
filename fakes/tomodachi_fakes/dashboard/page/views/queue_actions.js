/** What can be done to a queue: purge, redrive, delete. */

import { action, changed } from "../actions.js";
import { post } from "../api.js";
import { confirmed } from "../dialog.js";
import { counted, shortName } from "../format.js";
import { referenceOf } from "../places.js";
import { go } from "../router.js";
import { tell } from "../toast.js";

action("purge", async (data) => {
  const queue = referenceOf(data);
  if (!(await confirmed(`Forget every message of ${shortName(queue.queue)}?`, "Purge"))) return;
  const { purged } = await post("purge", queue);
  tell(`Forgot ${counted(purged, "message")}.`);
  changed();
});

action("redrive", async (data) => {
  const answer = await post("redrive", referenceOf(data));
  const number = answer.moved ?? answer.moving;
  tell(`${answer.moving === undefined ? "Moved" : "Moving"} ${counted(number, "message")}.`);
  changed();
});

action("delete-queue", async (data) => {
  const queue = referenceOf(data);
  if (!(await confirmed(`Delete ${shortName(queue.queue)} with everything in it?`, "Delete"))) return;
  await post("delete", queue);
  tell(`Deleted ${shortName(queue.queue)}.`);
  if (location.hash.startsWith("#queue?")) go("queues");
  changed();
});
