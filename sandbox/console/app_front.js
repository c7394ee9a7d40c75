import { Account } from "./account.js";
import { DocumentList } from "./documents.js";
import { fill, part } from "./dom.js";
import { OtpLogin } from "./otp_login.js";
import { Upload } from "./upload.js";

const LEADS = {
  CPAPP: "The channel partners' app: only numbers of channel partners get in.",
  CUSTAP: "The customers' app: a number without an account gets one with its first code.",
};

/** CPAPP or CUSTAP in its tab. */
export class AppFront {
  constructor(panel, { app, api, sandbox, phone }) {
    fill(panel, "app-front");
    part(panel, "lead").textContent = LEADS[app];
    this.documents = part(panel, "documents");
    const token = () => this.account.token;
    this.list = new DocumentList(part(panel, "list-place"), { api, token });
    this.upload = new Upload(part(panel, "upload-place"), { api, token, onSettled: () => this.list.show() });
    this.account = new Account(part(panel, "account"), { api, onLogout: () => this.#leave() });
    const onLogin = (login) => this.#enter(login);
    this.login = new OtpLogin(panel, { app, api, sandbox, phone, onLogin });
  }

  /** The number in the form, for the portal's quotations. */
  get number() {
    return this.login.number;
  }

  #enter(login) {
    this.account.enter(login);
    this.documents.hidden = false;
    this.list.show();
  }

  #leave() {
    this.documents.hidden = true;
    this.list.clear();
    this.upload.clear();
    this.login.reset();
  }
}
