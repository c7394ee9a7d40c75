import { clock, h, part, repeat } from "./dom.js";
import { inboxOf } from "./inbox.js";

const POLL_SECONDS = 1;
const CODE = /\b\d{6}\b/;
const ORIGIN_BOUND_LINE = /^@\S+ #\d+$/;

/** The phone frame: the SMS of one number as they arrive. */
export class SmsPhone {
  /** `onCode` gets the code of an SMS that came after `expectCode`. */
  constructor(root, { sandbox, onCode }) {
    this.sandbox = sandbox;
    this.onCode = onCode;
    this.number = part(root, "number");
    this.messages = part(root, "messages");
    const time = part(root, "time");
    repeat(1, () => {
      time.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    });
  }

  /** Show the messages of a number that came before. */
  async watch(phone) {
    this.stop();
    this.phone = phone;
    this.seen = new Set();
    this.expects = false;
    this.number.textContent = phone;
    this.messages.replaceChildren();
    await this.#look();
  }

  /** Look for new messages until stop; the next one's code was asked for. */
  expectCode() {
    this.stop();
    this.expects = true;
    this.stopPolling = repeat(POLL_SECONDS, () => this.#look());
  }

  stop() {
    this.stopPolling?.();
  }

  async #look() {
    const phone = this.phone;
    const messages = await inboxOf(this.sandbox, phone);
    if (phone !== this.phone) return;
    for (const message of messages.toReversed()) {
      if (this.seen.has(message.id)) continue;
      this.seen.add(message.id);
      this.messages.append(bubble(message));
      this.messages.scrollTop = this.messages.scrollHeight;
      const code = CODE.exec(message.text)?.[0];
      if (this.expects && code) this.onCode(code);
    }
  }
}

function bubble(message) {
  const lines = message.text.split("\n").filter((line) => line.trim());
  const shown = lines.map((line) =>
    ORIGIN_BOUND_LINE.test(line)
      ? h("span", { class: "origin-line", title: "The host that may fill the code in, and the code" }, line)
      : h("span", {}, line),
  );
  return h("li", {}, h("p", {}, ...shown), h("time", { datetime: message.at }, clock(message.at)));
}
