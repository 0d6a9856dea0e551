/** The brokers' time: shown, frozen, moved on by a slider, or to what is due next. */

import { action, changed } from "./actions.js";
import { get, post } from "./api.js";
import { h } from "./dom.js";
import { moment, span } from "./format.js";
import { draw } from "./patch.js";
import { tell } from "./toast.js";

// How far the slider moves time, in seconds: finer where it is near.
const STEPS = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 21600, 43200, 86400, 345600, 1209600];
const place = document.getElementById("clock");

let chosen = 4;
let clock = null;

/** Show the brokers' time. */
export function drawClock(now) {
  clock = now;
  show();
}

export function startClock() {
  action("clock-toggle", toggle);
  action("clock-slide", (_, slider) => {
    chosen = Number(slider.value);
    show();
  });
  action("clock-advance", () => advance(STEPS[chosen]));
  action("clock-next", advanceToNext);
}

async function toggle() {
  await post(clock.frozen ? "clock/resume" : "clock/freeze");
  changed();
}

async function advance(seconds) {
  const moved = await post("clock/advance", { seconds });
  tell(`It is ${moment(moved.now)} now.`);
  changed();
}

async function advanceToNext() {
  const [next] = await get("clock/next", { limit: 1 });
  if (!next) {
    tell("Nothing waits for time.");
    return;
  }
  // What is due now has happened by the time this arrives.
  await advance(Math.max(0, next.at - (await get("clock")).now));
  tell(`Next was: ${next.kind}${next.queue ? ` in ${next.queue}` : ""}.`);
}

function show() {
  const far = span(STEPS[chosen]);
  draw(place,
    h("time", { class: "now", title: "The brokers' time (UTC)" }, moment(clock.now)),
    h("button", { type: "button", "data-action": "clock-toggle", "aria-pressed": String(clock.frozen), title: "Freeze or resume (f)" },
      clock.frozen ? "Resume" : "Freeze"),
    h("input", {
      type: "range", min: 0, max: STEPS.length - 1, value: 4, "data-input": "clock-slide",
      "aria-label": "How far to move time", "aria-valuetext": far,
    }),
    h("button", { type: "button", class: "advance", "data-action": "clock-advance" }, `+ ${far}`),
    h("button", { type: "button", "data-action": "clock-next", title: "To what is due next (n)" }, "Next"));
}
