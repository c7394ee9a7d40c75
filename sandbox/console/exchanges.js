import { asCurl, shortened } from "./curl.js";
import { h } from "./dom.js";
import { parsed } from "./json.js";

const KEPT = 200;
const TOLD_HEADERS = [
  "content-type",
  "retry-after",
  "idempotent-replayed",
  "x-request-id",
  "x-ms-request-id",
  "x-ms-error-code",
  "etag",
];

/** The log of every HTTP exchange, newest first; what is polled stays one row. */
export class Exchanges {
  constructor(list) {
    this.list = list;
    this.polled = new Map();
  }

  /** Note a request that goes out; `request` is what asCurl takes, and `poll`. */
  begin(request) {
    const key = `${request.method} ${request.url}`;
    let row = request.poll ? this.polled.get(key) : null;
    if (!row?.element.isConnected) {
      row = new Row();
      this.list.prepend(row.element);
      while (this.list.children.length > KEPT) this.list.lastElementChild.remove();
      if (request.poll) this.polled.set(key, row);
    }
    row.start(request);
    return row;
  }

  clear() {
    this.list.replaceChildren();
    this.polled.clear();
  }
}

class Row {
  constructor() {
    this.times = 0;
    this.summary = h("summary");
    this.inside = h("div", { class: "inside" });
    this.details = h("details", {}, this.summary, this.inside);
    this.details.addEventListener("toggle", () => this.details.open && this.open());
    this.element = h("li", {}, this.details);
  }

  start(request) {
    this.request = request;
    this.times += 1;
    this.began = performance.now();
    if (this.times === 1) this.summarize("…", "", "");
  }

  /** Note the answer; `headers` is a Headers or a Map of lower-case names, `text` its body. */
  end({ status, headers, text }) {
    this.answer = { status, headers, text };
    this.settle(String(status), status < 400 ? "ok" : "bad");
  }

  /** Note that none came, and why. */
  fail(reason) {
    this.answer = { status: 0, headers: new Map(), text: reason };
    this.settle("none", "bad");
  }

  settle(status, look) {
    this.summarize(status, look, `${Math.round(performance.now() - this.began)} ms`);
    if (this.details.open && !this.inside.contains(document.activeElement)) this.open();
  }

  summarize(status, look, milliseconds) {
    const url = new URL(this.request.url);
    const shown = url.pathname + (url.searchParams.has("sig") ? "?…" : decodeURIComponent(url.search));
    this.summary.replaceChildren(
      h("span", { class: "method" }, this.request.method),
      " ",
      h("span", { class: "path" }, shown),
      " ",
      h("span", { class: `status ${look}` }, status),
      " ",
      h("span", { class: "ms" }, milliseconds + (this.times > 1 ? ` ×${this.times}` : "")),
    );
  }

  open() {
    const curl = asCurl(this.request);
    const copied = h("span", { role: "status", class: "quiet" });
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(curl);
        copied.textContent = "Copied";
      } catch {
        copied.textContent = "The browser forbids it; select the text instead.";
      }
    };
    const parts = [
      block("Request", shortened(curl)),
      h("p", { class: "row" }, h("button", { type: "button", onclick: copy }, "Copy as curl"), copied),
    ];
    if (this.answer) {
      const id = this.correlationId();
      if (id) parts.push(h("p", { class: "quiet" }, "Correlation id ", h("code", {}, id)));
      parts.push(block("Answer", this.answerText()));
    }
    this.inside.replaceChildren(...parts);
  }

  correlationId() {
    return this.answer.headers.get("x-request-id") ?? parsed(this.answer.text)?.correlationId ?? "";
  }

  answerText() {
    const { status, headers, text } = this.answer;
    if (!status) return text;
    const told = TOLD_HEADERS.filter((name) => headers.get(name)).map((name) => `${name}: ${headers.get(name)}`);
    const json = parsed(text);
    const body = json === null ? text : JSON.stringify(json, null, 2);
    return shortened([`HTTP ${status}`, ...told, "", body].join("\n"));
  }
}

function block(title, text) {
  return h("figure", {}, h("figcaption", {}, title), h("pre", { tabindex: "0" }, text));
}
