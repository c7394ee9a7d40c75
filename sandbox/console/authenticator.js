import { part, repeat } from "./dom.js";
import { codeAt, readUri } from "./totp.js";

/** The ADMIN's second device: the code of now and how long it is good. */
export class Authenticator {
  constructor(root, { uri, adminUrl }) {
    this.root = root;
    this.device = uri ? readUri(uri) : null;
    part(root, "admin").href = adminUrl;
    if (this.device) repeat(0.5, () => this.#show());
  }

  reveal() {
    this.root.hidden = !this.device;
  }

  hide() {
    this.root.hidden = true;
  }

  async #show() {
    const { period } = this.device;
    const now = Date.now();
    const left = period - (Math.floor(now / 1000) % period);
    const code = await codeAt(this.device, now);
    const shown = part(this.root, "totp-code");
    if (shown.textContent !== code) shown.textContent = code; // it is read out when it changes
    part(this.root, "totp-life").max = period;
    part(this.root, "totp-life").value = left;
    part(this.root, "totp-left").textContent = `${left} s`;
  }
}
