import { attempt } from "./attempt.js";
import { onSubmit, part } from "./dom.js";

const LINK = /https?:\/\/\S*\/auth\/password\/reset\/([^/\s]+)\/([^/\s]+)/;

/** Forgot password: ask for the mail, take the link out of it, set a new one. */
export class PasswordReset {
  /** `onSet` gets email and new password. */
  constructor(root, { api, mailbox, email, onSet }) {
    Object.assign(this, { root, api, mailbox, email, onSet });
    this.form = part(root, "reset-form");
    this.field = this.form.elements["new-password"];
    const forgot = part(root, "forgot");
    forgot.addEventListener("click", () => this.#ask(forgot));
    part(root, "think").addEventListener("click", () => this.#think());
    onSubmit(this.form, () => this.#set());
  }

  /** Look into a mail that arrived; another mail than ours changes nothing. */
  read(mail) {
    const found = LINK.exec(mail.text);
    if (!found) return;
    [, this.uid, this.token] = found;
    part(this.root, "from-link").textContent = "The mail's link carries who it is for and a token; both go along.";
    this.form.hidden = false;
    this.field.value = "";
    this.field.focus();
  }

  #ask(button) {
    const to = this.email();
    return attempt({
      host: part(this.root, "login-trouble"),
      button,
      work: async () => {
        this.form.hidden = true;
        await this.mailbox.prepare(to);
        await this.api.once("POST", "/integrations/sendEmail", { json: { template: "password_reset", to } });
        this.asked = to;
        this.#note("If the address has an account, a mail is on its way. The answer is the same for every address.");
        this.mailbox.wait();
      },
    });
  }

  #set() {
    return attempt({
      host: part(this.root, "reset-trouble"),
      button: part(this.root, "set"),
      work: async () => {
        const json = { uid: this.uid, token: this.token, newPassword: this.field.value };
        await this.api.call("POST", "/auth/password/reset/confirm", { json });
        this.form.hidden = true;
        this.#note("The new password is set, and every session of the account has ended. Log in with it.");
        this.onSet(this.asked, json.newPassword);
      },
    });
  }

  #think() {
    const words = crypto.getRandomValues(new Uint32Array(3));
    this.field.value = [...words].map((word) => word.toString(36)).join("-");
    this.field.type = "text"; // so that it can be written down
  }

  #note(text) {
    part(this.root, "login-note").textContent = text;
  }
}
