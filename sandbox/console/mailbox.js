import { clock, h, part, repeat } from "./dom.js";
import { inboxOf } from "./inbox.js";

const POLL_SECONDS = 1.5;
const WATCH_SECONDS = 60;

/** The mails of one address as they arrive, each rendered in a frame of its own. */
export class Mailbox {
  /** `onMail` gets each mail that comes while it is awaited. */
  constructor(root, { sandbox, onMail }) {
    Object.assign(this, { sandbox, onMail });
    this.owner = part(root, "owner");
    this.mails = part(root, "mails");
  }

  /** Note which mails are there before one is asked for. */
  async prepare(address) {
    this.stop();
    this.address = address;
    this.seen = new Set((await inboxOf(this.sandbox, address)).map((mail) => mail.id));
  }

  /** Wait for new mails to the prepared address. */
  wait() {
    const giveUpAt = Date.now() + WATCH_SECONDS * 1000;
    this.owner.textContent = `Mails to ${this.address}`;
    this.stopPolling = repeat(POLL_SECONDS, async (isStopped) => {
      const mails = await inboxOf(this.sandbox, this.address);
      if (isStopped()) return false; // they are the address before's
      for (const mail of mails.toReversed()) this.#arrive(mail);
      return Date.now() < giveUpAt;
    });
  }

  stop() {
    this.stopPolling?.();
  }

  #arrive(mail) {
    if (this.seen.has(mail.id)) return;
    this.seen.add(mail.id);
    this.mails.prepend(
      h(
        "article",
        { class: "mail" },
        h("h3", {}, mail.subject),
        h("p", { class: "quiet" }, `to ${mail.to}, ${clock(mail.at)}`),
        h("iframe", { src: `/inbox/${mail.id}/mail`, title: `Mail: ${mail.subject}`, sandbox: "allow-popups allow-popups-to-escape-sandbox" }),
      ),
    );
    this.onMail(mail);
  }
}
