import { h } from "./dom.js";

/** Show a fetched file below the list; `back` returns the element that gets the focus when it is closed. */
export function showPreview(host, { blob, found, back }) {
  const url = URL.createObjectURL(blob);
  const name = found.fileName || "without a name";
  const close = () => {
    URL.revokeObjectURL(url);
    host.hidden = true;
    host.replaceChildren();
    back().focus();
  };
  const title = h("h3", { tabindex: "-1" }, name);
  const shown = found.contentType.startsWith("image/")
    ? h("img", { src: url, alt: `Preview of ${name}` })
    : h("iframe", { src: `${url}#navpanes=0&view=FitH`, title: `Preview of ${name}` });
  const link = h("a", { href: url, target: "_blank" }, "Open in a new tab");
  host.replaceChildren(title, h("p", { class: "row" }, link, h("button", { type: "button", onclick: close }, "Close")), shown);
  host.hidden = false;
  title.focus();
}
