import { clock, h, part, repeat } from "./dom.js";

const POLL_SECONDS = 3;
const NAMES = { msg91: "MSG91 (SMS)", twilio: "Twilio (SMS, second route)", sendgrid: "SendGrid (mail)", azure_blob: "Azure Blob (documents)" };
const nameOf = (provider) => NAMES[provider] ?? provider;

/** How the providers do, from GET /integrations/status: a region for all, a banner for the portal. */
export class Providers {
  constructor({ region, banner, api }) {
    Object.assign(this, { banner, api });
    this.rows = part(region, "rows");
    this.nobody = [...this.rows.childNodes];
  }

  /** Follow with a staff token until stop; a session that ended stops it, too. */
  follow(token) {
    this.stopPolling?.();
    this.stopPolling = repeat(POLL_SECONDS, async (stopped) => {
      try {
        const { body } = await this.api.call("GET", "/integrations/status", { token, poll: true });
        if (!stopped()) this.#show(body);
      } catch (error) {
        if (error.status !== 401 || stopped()) return true;
        this.stop();
        return false;
      }
      return true;
    });
  }

  stop() {
    this.stopPolling?.();
    this.rows.replaceChildren(...this.nobody);
    this.#tell([]);
  }

  #show({ providers, alerts }) {
    this.rows.replaceChildren(...Object.entries(providers).map(([name, found]) => row(name, found)));
    const disturbed = Object.entries(providers).filter(([, found]) => found.message);
    const messages = disturbed.map(([name, found]) => `${nameOf(name)}: ${found.message}`);
    this.#tell([...messages, ...alerts.map((alert) => `${nameOf(alert.provider)}: ${alert.text}`)]);
  }

  /** Change the banner only where its text changes: an alert is read out each time. */
  #tell(texts) {
    if (this.banner.dataset.told === texts.join("\n")) return;
    this.banner.dataset.told = texts.join("\n");
    this.banner.replaceChildren(...texts.map((text) => h("p", {}, text)));
  }
}

function row(name, found) {
  const error = found.lastError ? `last error ${found.lastError.code} at ${clock(found.lastError.at)}` : "no error yet";
  return h(
    "div",
    { class: "provider" },
    h("strong", {}, nameOf(name)),
    h("span", { class: `tag ${found.state}` }, found.state),
    h("span", {}, `breaker ${found.breaker.replace("_", " ")}`),
    h("span", {}, `${found.failuresLastMinute} failures in the last minute`),
    h("span", { class: "quiet" }, error),
  );
}
