import { Account } from "./account.js";
import { Authenticator } from "./authenticator.js";
import { DocumentList } from "./documents.js";
import { fill, part } from "./dom.js";
import { Mailbox } from "./mailbox.js";
import { PasswordReset } from "./password_reset.js";
import { Providers } from "./providers.js";
import { Quotation } from "./quotation.js";
import { StaffLogin } from "./staff.js";

/** WEBPRT in its tab; `customerPhone` returns the number of the CUSTAP tab. */
export class Portal {
  constructor(panel, { api, sandbox, config, customerPhone, providersRegion }) {
    fill(panel, "portal");
    const { accounts, backendUrl } = config;
    const token = () => this.account.token;
    this.documents = part(panel, "documents");
    this.list = new DocumentList(this.documents, { api, token });
    this.account = new Account(part(panel, "account"), { api, onLogout: () => this.#leave() });
    this.providers = new Providers({ region: providersRegion, banner: part(panel, "banner"), api });
    this.mailbox = new Mailbox(part(panel, "mailbox"), { sandbox, onMail: (mail) => this.reset.read(mail) });
    const authenticator = new Authenticator(part(panel, "authenticator"), {
      uri: accounts.admin.totpUri,
      adminUrl: `${backendUrl}/admin/`,
    });
    const login = part(panel, "staff-login");
    this.login = new StaffLogin(login, {
      api,
      accounts,
      onLogin: (answer) => this.#enter(answer),
      onPerson: (account) => (account.totpUri ? authenticator.reveal() : authenticator.hide()),
    });
    this.reset = new PasswordReset(login, {
      api,
      mailbox: this.mailbox,
      email: () => this.login.email,
      onSet: (email, password) => this.login.passwordChanged(email, password),
    });
    this.quotation = new Quotation(part(panel, "quotation"), {
      api,
      token,
      customerPhone,
      partnerPhone: accounts.channelPartner.phone,
      mailbox: this.mailbox,
      onFiled: () => this.list.show(),
    });
  }

  #enter(answer) {
    this.account.enter(answer);
    this.documents.hidden = false;
    this.list.show();
    this.quotation.enter();
    this.providers.follow(answer.token);
  }

  #leave() {
    this.providers.stop();
    this.quotation.leave();
    this.documents.hidden = true;
    this.list.clear();
  }
}
