/** Calls of the control API. What it refuses is thrown with the words it gives. */

/** The broker said no; the message says why and what to do. */
export class Refused extends Error {}

/** The broker does not answer. */
export class Unreachable extends Error {}

/** Ask for something; parameters that are not given are left out. */
export function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const query = new URLSearchParams(given);
  return call(`${path}?${query}`, { method: "GET" });
}

/** Do something. */
export function post(path, parameters = {}, method = "POST") {
  return call(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(parameters),
  });
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(`/_broker/${path}`, { ...options, cache: "no-store" });
  } catch {
    throw new Unreachable("The broker does not answer. Is svc-fake-broker still running?");
  }
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Refused(errorIn(text) || `The broker answered ${response.status}; its log says more.`);
}

function errorIn(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return text.trim();
  }
}
