// Swagger UI leaves some of its lists without a name, which is all a screen reader has.
"use strict";
const NAMES = { "#servers": "Server", ".examples-select-element": "Example" };
const root = document.getElementById("swagger-ui");

new MutationObserver(() => {
  for (const [which, name] of Object.entries(NAMES)) {
    for (const list of root.querySelectorAll(`${which}:not([aria-label])`)) list.setAttribute("aria-label", name);
  }
}).observe(root, { childList: true, subtree: true });
