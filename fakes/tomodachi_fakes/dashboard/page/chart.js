/** A curve of the last minute, as a picture with no axes: the number beside it says how much. */

import { svg } from "./dom.js";

const WIDTH = 160;
const HEIGHT = 32;

/** The curve of numbers, oldest first. */
export function curve(numbers, label) {
  const highest = Math.max(1, ...numbers);
  const step = WIDTH / 59;
  const left = WIDTH - (numbers.length - 1) * step;
  const points = numbers.map((number, index) => {
    const y = HEIGHT - 1 - (number / highest) * (HEIGHT - 2);
    return `${(left + index * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, preserveAspectRatio: "none" },
    svg("polyline", { points: points.join(" ") }));
}
