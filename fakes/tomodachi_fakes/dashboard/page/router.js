/** Which view is shown: the part of the address after `#`, as `view?name=value&…`. */

/** The address of a view. */
export function link(view, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return `#${view}${query ? `?${query}` : ""}`;
}

/** The view that is asked for, with its parameters; the overview when there is none of that name. */
export function whereAmI(views) {
  const [name, query] = location.hash.slice(1).split(/\?(.*)/s);
  const parameters = Object.fromEntries(new URLSearchParams(query ?? ""));
  return { name: name in views ? name : "overview", parameters };
}

/** Go to a view. */
export function go(view, parameters) {
  location.hash = link(view, parameters);
}
