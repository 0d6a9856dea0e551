/**
 * Draws the view that the address names, and draws it again every second: brokers change by themselves.
 * What a view shows and where that comes from is in `views/`.
 */

import { action, startActions } from "./actions.js";
import { get, Refused, Unreachable } from "./api.js";
import { drawClock, startClock } from "./clock.js";
import { h } from "./dom.js";
import { closeDialogs } from "./dialog.js";
import { startKeyboard } from "./keyboard.js";
import { draw } from "./patch.js";
import { seen, take } from "./rates.js";
import { link, whereAmI } from "./router.js";
import { startTheme } from "./theme.js";
import { NAVIGATION, VIEWS } from "./views/all.js";

const EVERY_MS = 1000;
const main = document.getElementById("main");
const nav = document.getElementById("nav");
const offline = document.getElementById("offline");

let timer = null;
let drawing = 0;

/** Draw again at once. */
export async function refresh() {
  clearTimeout(timer);
  const mine = ++drawing;
  const { name, parameters } = whereAmI(VIEWS);
  drawNavigation(name);
  try {
    const nodes = await load(VIEWS[name], parameters);
    // Another drawing may have begun meanwhile, of another view perhaps.
    if (mine === drawing) show(VIEWS[name].title, nodes);
  } catch (error) {
    if (mine === drawing) showFailure(error);
  }
  if (mine === drawing && !document.hidden) timer = setTimeout(refresh, EVERY_MS);
}

async function load(view, parameters) {
  const [status, activity, data] = await Promise.all([
    get("status"), get("activity", { after: seen() }), answerOf(view.load(parameters)),
  ]);
  take(activity);
  drawClock(status.clock);
  if (data instanceof Refused) return [refusal(data)];
  return view.draw(data, { parameters, status });
}

// What a view asks for may be gone; the rest of the page goes on.
async function answerOf(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

function refusal(error) {
  return h("section", { class: "card" }, h("h1", null, "Not there"), h("p", null, error.message));
}

function show(title, nodes) {
  document.title = `${title} · svc-fake-broker`;
  offline.hidden = true;
  draw(main, nodes);
}

function showFailure(error) {
  if (!(error instanceof Unreachable)) console.error(error);
  offline.textContent = error.message;
  offline.hidden = false;
}

function drawNavigation(current) {
  const links = NAVIGATION.map(({ name, title, under = [] }, index) => {
    const isCurrent = name === current || under.includes(current);
    return h("a", { href: link(name), "aria-current": isCurrent && "page", title: `${title} (${index + 1})` }, title);
  });
  draw(nav, links);
}

action("skip", () => main.focus());
addEventListener("hashchange", () => {
  closeDialogs();
  scrollTo(0, 0);
  refresh();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
document.addEventListener("changed", refresh);

startActions();
startTheme();
startClock();
startKeyboard();
refresh();
