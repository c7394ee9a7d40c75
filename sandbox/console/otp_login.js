import { attempt } from "./attempt.js";
import { countDown, minutes } from "./countdown.js";
import { followDelivery } from "./delivery.js";
import { h, onSubmit, part } from "./dom.js";
import { dropProof, keepProof, proofHeader } from "./install_proof.js";
import { SmsPhone } from "./sms_phone.js";

/** The login of an app: number, code, what became of it. */
export class OtpLogin {
  /** `onLogin` gets verifyOTP's answer. */
  constructor(root, { app, api, sandbox, phone, onLogin }) {
    Object.assign(this, { root, app, api, onLogin });
    this.ask = part(root, "ask");
    this.verify = part(root, "verify");
    this.phoneField = this.ask.elements.phone;
    this.codeField = this.verify.elements.code;
    this.resend = part(root, "resend");
    this.stops = [];
    this.phone = new SmsPhone(part(root, "phone"), { sandbox, onCode: (code) => this.#suggest(code) });
    onSubmit(this.ask, () => this.#send(part(root, "send"), "ask-trouble"));
    onSubmit(this.verify, () => this.#check());
    this.resend.addEventListener("click", () => this.#send(this.resend, "verify-trouble"));
    part(root, "new-number").addEventListener("click", () => this.changeNumber(randomMobile()));
    this.phoneField.addEventListener("change", () => this.changeNumber(this.phoneField.value));
    this.changeNumber(phone);
  }

  get number() {
    return this.phoneField.value.trim();
  }

  changeNumber(phone) {
    this.phoneField.value = phone;
    this.#stopAll();
    this.verify.hidden = true;
    this.#tellProof();
    this.watching = this.phone.watch(this.number);
  }

  #send(button, trouble) {
    const phone = this.number;
    return attempt({
      host: part(this.root, trouble),
      button,
      work: async () => {
        await this.watching;
        this.phone.expectCode(); // before the answer: a slow provider may have sent it
        try {
          const { body, headers } = await this.api.once("POST", "/integrations/sendOTP", {
            json: { phone, app: this.app },
            headers: proofHeader(phone),
          });
          if (phone === this.number) this.#opened(body, headers.get("Idempotent-Replayed") === "true");
        } catch (error) {
          this.phone.stop();
          throw error;
        }
      },
    });
  }

  #opened(sent, replayed) {
    // A replayed answer is the first one, so its durations began earlier.
    const left = (seconds, at) => (replayed ? (Date.parse(at) - Date.now()) / 1000 : seconds);
    this.#stopAll();
    this.phone.expectCode();
    this.challengeId = sent.challengeId;
    this.verify.hidden = false;
    part(this.root, "entry").hidden = false;
    this.codeField.value = "";
    for (const name of ["suggestion", "tries", "verify-trouble", "ticks"]) part(this.root, name).replaceChildren();
    delete part(this.root, "ticks").dataset.told;
    this.codeField.focus();
    this.stops = [
      countDown(left(sent.expiresIn, sent.expiresAt), (seconds) => this.#tellLife(seconds)),
      countDown(left(sent.resendIn, sent.resendAt), (seconds) => this.#tellCooldown(seconds)),
      followDelivery({ api: this.api, challengeId: sent.challengeId, list: part(this.root, "ticks") }),
    ];
  }

  #tellLife(seconds) {
    part(this.root, "life").value = seconds;
    part(this.root, "left").textContent = seconds ? `Valid for ${minutes(seconds)}` : "The code has expired.";
    if (!seconds) this.phone.stop();
  }

  #tellCooldown(seconds) {
    this.resend.disabled = seconds > 0;
    part(this.root, "cooldown").textContent = seconds ? `in ${seconds} s` : "";
  }

  #suggest(code) {
    const use = () => {
      this.codeField.value = code;
      part(this.verify, "suggestion").replaceChildren();
      this.codeField.focus();
    };
    const chip = h("button", { type: "button", class: "chip", onclick: use }, `From Messages: ${code}`);
    part(this.root, "suggestion").replaceChildren(chip);
  }

  #check() {
    const tries = part(this.root, "tries");
    tries.textContent = "";
    return attempt({
      host: part(this.root, "verify-trouble"),
      button: this.verify.querySelector(".primary"),
      work: async () => {
        const number = this.number;
        const json = { challengeId: this.challengeId, otp: this.codeField.value.replace(/[\s-]/g, "") };
        try {
          const headers = proofHeader(number);
          const { body } = await this.api.call("POST", "/integrations/verifyOTP", { json, headers });
          keepProof(number, body.installProof);
          this.#leave();
          this.onLogin(body);
        } catch (error) {
          const left = error.body?.attemptsLeft;
          if (left !== undefined) tries.textContent = `Attempts left: ${left}`;
          this.codeField.select();
          throw error;
        }
      },
    });
  }

  #leave() {
    this.stops.slice(0, 2).forEach((stop) => stop()); // the ticks end by themselves
    this.phone.stop();
    part(this.root, "entry").hidden = true;
    this.#tellProof();
  }

  #stopAll() {
    this.stops.forEach((stop) => stop());
    this.stops = [];
    this.phone?.stop();
  }

  /** Say whether this number has logged in here, and offer to forget it. */
  #tellProof() {
    const known = Object.keys(proofHeader(this.number)).length > 0;
    const forget = () => {
      dropProof(this.number);
      this.#tellProof();
      this.phoneField.focus();
    };
    const button = h("button", { type: "button", class: "plain", onclick: forget }, "Forget this number");
    part(this.root, "proof").replaceChildren(
      ...(known ? ["This install is known for the number: its X-Install-Proof is sent along. ", button] : []),
    );
  }

  /** Come back to the empty form, after a logout. */
  reset() {
    this.changeNumber(this.number);
    this.phoneField.focus();
  }
}

function randomMobile() {
  // Every number behind +91 98 is a mobile one.
  const [drawn] = crypto.getRandomValues(new Uint32Array(1));
  return `+9198${String(drawn % 10 ** 8).padStart(8, "0")}`;
}
