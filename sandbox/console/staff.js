import { attempt } from "./attempt.js";
import { h, onSubmit, part } from "./dom.js";

const CHANGED = (email) => `password ${email}`;

/** WEBPRT's login: password, and a second factor where the account has one. */
export class StaffLogin {
  /** `onLogin` gets the answer of POST /auth/login, `onPerson` the account whose chip was chosen. */
  constructor(root, { api, accounts, onLogin, onPerson }) {
    Object.assign(this, { root, api, accounts, onLogin, onPerson });
    this.form = part(root, "staff-form");
    this.fields = this.form.elements;
    this.totp = part(root, "totp");
    this.note = part(root, "login-note");
    part(root, "people").append(this.#chip("KAM", accounts.kam), this.#chip("ADMIN", accounts.admin));
    onSubmit(this.form, () => this.#logIn());
    this.choose(accounts.kam);
  }

  get email() {
    return this.fields.email.value.trim();
  }

  choose(account) {
    this.fields.email.value = account.email;
    // Changed in this tab, the password that the run was started with is no longer good.
    this.fields.password.value = sessionStorage.getItem(CHANGED(account.email)) ?? account.password;
    this.totp.hidden = true;
    this.fields.totp.value = "";
    this.onPerson(account);
  }

  /** Take over a password that was set by the mailed link. */
  passwordChanged(email, password) {
    sessionStorage.setItem(CHANGED(email), password);
    this.fields.email.value = email;
    this.fields.password.value = password;
    part(this.root, "log-in").focus();
  }

  #chip(name, account) {
    return h("button", { type: "button", class: "chip", title: account.name, onclick: () => this.choose(account) }, name);
  }

  #logIn() {
    return attempt({
      host: part(this.root, "login-trouble"),
      button: part(this.root, "log-in"),
      work: async () => {
        this.note.textContent = "";
        const json = { email: this.email, password: this.fields.password.value };
        if (!this.totp.hidden) json.totp = this.fields.totp.value.trim();
        try {
          const { body } = await this.api.call("POST", "/auth/login", { json });
          this.totp.hidden = true;
          this.fields.totp.value = "";
          this.onLogin(body);
        } catch (error) {
          if (error.code !== "second_factor_required") throw error;
          this.note.textContent = "The password was right. Now the code of the authenticator.";
          this.totp.hidden = false;
          this.fields.totp.focus();
        }
      },
    });
  }
}
