import { attempt } from "./attempt.js";
import { h, part, repeat } from "./dom.js";

const POLL_SECONDS = 2;
const PROVIDERS = { msg91: "MSG91", sendgrid: "SendGrid", azure_blob: "Storage", twilio: "Twilio" };
const FAULTS = {
  timeout: "Hangs",
  slow: "Is slow",
  drip: "Drips",
  500: "Fails",
  "502-html": "Answers HTML",
  429: "Too many requests",
  reset: "Drops the connection",
  "200-error": "Says 200 with an error",
  "bad-key": "Refuses the key",
  "no-credit": "Is out of credit",
  "no-report": "Sends no report",
};

/** The fault panel: orders the stand-ins' faults and says which are under way. */
export class FaultPanel {
  constructor(root, { sandbox }) {
    Object.assign(this, { root, sandbox, buttons: new Map() });
    this.trouble = part(root, "trouble");
    const end = part(root, "end");
    end.addEventListener("click", () => this.#ask(end, "DELETE", "/faults"));
    repeat(POLL_SECONDS, () => this.#poll());
  }

  async #poll() {
    const found = await this.sandbox.call("GET", "/faults", { poll: true }).catch(() => null);
    if (found) this.#show(found.body);
  }

  #ask(button, method, path, json) {
    const work = async () => this.#show((await this.sandbox.call(method, path, { json })).body);
    return attempt({ host: this.trouble, button, work });
  }

  #toggle(button, provider, fault) {
    if (button.getAttribute("aria-pressed") === "true") {
      return this.#ask(button, "DELETE", `/faults?provider=${provider}`);
    }
    const often = this.root.querySelector('input[name="often"]:checked').value;
    return this.#ask(button, "POST", "/faults", { provider, fault, count: often ? Number(often) : null });
  }

  #show({ faults, hanging, providers }) {
    if (!this.buttons.size) this.#build(providers);
    const active = new Map(faults.map((one) => [`${one.provider} ${one.fault}`, one]));
    for (const [key, button] of this.buttons) button.setAttribute("aria-pressed", String(active.has(key)));
    const lines = faults.map((one) => `${nameOf(one.provider)}: ${wordOf(one.fault)}, ${timesOf(one.count)}.`);
    for (const [name, count] of Object.entries(hanging)) {
      if (count) lines.push(`${nameOf(name)}: ${count} ${count === 1 ? "request hangs" : "requests hang"} now.`);
    }
    const told = lines.join(" ") || "No fault is under way.";
    const status = part(this.root, "under-way");
    if (status.textContent !== told) status.textContent = told;
  }

  #build(providers) {
    const known = Object.keys(PROVIDERS).filter((name) => providers[name]);
    part(this.root, "providers").replaceChildren(...known.map((name) => this.#group(name, providers[name])));
  }

  #group(provider, faults) {
    const buttons = faults.map((fault) => {
      const button = h("button", { type: "button", "aria-pressed": "false" }, wordOf(fault), " ", h("code", {}, fault));
      button.addEventListener("click", () => this.#toggle(button, provider, fault));
      this.buttons.set(`${provider} ${fault}`, button);
      return button;
    });
    const group = h("div", { role: "group", "aria-label": `${nameOf(provider)} faults`, class: "orders" }, ...buttons);
    const open = provider !== "twilio"; // the second route is off in a local run
    return h("details", { open }, h("summary", {}, nameOf(provider)), group);
  }
}

const nameOf = (provider) => PROVIDERS[provider] ?? provider;
const wordOf = (fault) => FAULTS[fault] ?? fault;
const timesOf = (count) => (count === null ? "until ended" : `${count} ${count === 1 ? "time" : "times"} more`);
