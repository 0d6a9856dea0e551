/**
 * Makes what is shown like what was drawn anew, and touches nothing that is the same: focus, selection,
 * scroll positions, opened details and typed text survive.
 *
 * Elements with a `data-key` are found again by it; the others by their place.
 */

import { h } from "./dom.js";

/** Make the children of `parent` like `children`, which are what `h` takes. */
export function draw(parent, ...children) {
  patch(parent, h("div", null, children).childNodes);
}

function patch(parent, wanted) {
  const known = new Map();
  for (const child of parent.childNodes) {
    if (keyOf(child)) known.set(keyOf(child), child);
  }
  let next = parent.firstChild;
  for (const node of [...wanted]) {
    const old = keyOf(node) ? known.get(keyOf(node)) : next;
    if (!old || !isSameKind(old, node)) {
      parent.insertBefore(node, next);
      continue;
    }
    if (old === next) next = next.nextSibling;
    else parent.insertBefore(old, next);
    patchNode(old, node);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function keyOf(node) {
  return node.dataset?.key;
}

function isSameKind(old, node) {
  return old.nodeName === node.nodeName && keyOf(old) === keyOf(node);
}

function patchNode(old, node) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== node.data) old.data = node.data;
    return;
  }
  patchAttributes(old, node);
  patch(old, node.childNodes);
}

// By their names: a form whose field is called "attributes" has that field in place of the list.
function patchAttributes(old, node) {
  for (const name of old.getAttributeNames()) {
    // Whether details are open is the reader's choice, not the drawing's.
    if (!node.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const name of node.getAttributeNames()) {
    const value = node.getAttribute(name);
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  }
}
