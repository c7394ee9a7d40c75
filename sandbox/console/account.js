import { attempt } from "./attempt.js";
import { clock, fill, h, part } from "./dom.js";

/** Who is logged in, where else, and the way out; for the apps and the portal alike. */
export class Account {
  constructor(root, { api, onLogout }) {
    Object.assign(this, { api, onLogout });
    this.root = fill(root, "account");
    this.sessions = part(root, "sessions");
    const wire = (name, work) => {
      const button = part(root, name);
      button.addEventListener("click", () => attempt({ host: part(root, "account-trouble"), button, work }));
    };
    wire("me", () => this.#ask());
    wire("show-sessions", () => this.#showSessions());
    wire("log-out", () => this.#logOut());
  }

  /** Show a fresh login; `login` is the answer with token, expiresAt and user. */
  enter(login) {
    this.token = login.token;
    this.expiresAt = login.expiresAt;
    this.sessions.hidden = true;
    this.root.hidden = false;
    this.#show(login.user);
    part(this.root, "title").focus();
  }

  async #ask() {
    const { body } = await this.api.call("GET", "/auth/me", { token: this.token });
    this.#show(body.user);
  }

  #show(user) {
    const facts = {
      Name: user.name || "–",
      Role: user.role,
      Phone: user.phone,
      Email: user.email,
      "Session ends": new Date(this.expiresAt).toLocaleString(),
    };
    const told = Object.entries(facts).filter(([, value]) => value);
    part(this.root, "facts").replaceChildren(
      ...told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    );
  }

  async #showSessions() {
    const { body } = await this.api.call("GET", "/auth/sessions", { token: this.token });
    this.sessions.hidden = false;
    this.sessions.replaceChildren(...body.sessions.map((one) => this.#session(one)));
  }

  #session(one) {
    const end = h("button", { type: "button" }, "End");
    const work = async () => {
      await this.api.call("DELETE", `/auth/sessions/${one.id}`, { token: this.token });
      await this.#showSessions();
    };
    end.addEventListener("click", () => attempt({ host: part(this.root, "account-trouble"), button: end, work }));
    const began = `${one.app}, since ${new Date(one.createdAt).toLocaleDateString()} ${clock(one.createdAt)}`;
    return h("li", {}, h("span", {}, began), one.current ? h("span", { class: "tag" }, "this one") : end);
  }

  async #logOut() {
    await this.api.call("POST", "/auth/logout", { token: this.token }).catch((error) => {
      if (error.status !== 401) throw error; // 401: the session had ended, which is what was wanted
    });
    this.token = null;
    this.root.hidden = true;
    this.onLogout();
  }
}
