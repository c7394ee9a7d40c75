import { attempt } from "./attempt.js";
import { onSubmit, part } from "./dom.js";
import { pdf } from "./sample_files.js";

const NO_ACCOUNT = "The customer's phone needs an account: log in once with it in CUSTAP.";

/** A KAM's quotation: a reference for the customer, the file, a notice by mail. */
export class Quotation {
  constructor(root, { api, token, customerPhone, partnerPhone, mailbox, onFiled }) {
    Object.assign(this, { root, api, token, customerPhone, partnerPhone, mailbox, onFiled });
    this.form = part(root, "quotation-form");
    this.fields = this.form.elements;
    this.trouble = part(root, "quotation-trouble");
    this.filed = part(root, "filed");
    this.mail = part(root, "mail");
    onSubmit(this.form, () => this.#file());
    this.mail.addEventListener("click", () => this.#mailAgain());
  }

  /** Show the form with a fresh reference and the number of the CUSTAP tab. */
  enter() {
    this.root.hidden = false;
    this.#fresh();
    this.fields.customer.value = this.customerPhone();
  }

  leave() {
    this.root.hidden = true;
    this.#show("");
  }

  #fresh() {
    this.fields.reference.value = `QUOTE-${Date.now().toString(36).toUpperCase()}`;
    this.fields.file.value = "";
  }

  /** Say what is filed; `mail` is whether its notice is still to be sent. */
  #show(text, { mail = false } = {}) {
    this.filed.textContent = mail ? `${text} The mail did not go.` : text;
    this.mail.hidden = !mail;
  }

  #file() {
    return attempt({
      host: this.trouble,
      button: part(this.root, "file"),
      work: async () => {
        this.#show("");
        const reference = this.fields.reference.value.trim();
        await this.#refer(reference);
        const document = await this.#send(reference);
        this.told = `Filed: ${document.fileName} on ${reference}. The customer finds it in CUSTAP's documents.`;
        this.reference = reference;
        this.#show(this.told);
        this.onFiled();
        this.#fresh(); // at once: what is filed is not filed again where only its mail fails
        if (this.fields.notice.value.trim()) await this.#tell();
      },
    });
  }

  #mailAgain() {
    return attempt({
      host: this.trouble,
      button: this.mail,
      work: async () => {
        if (!this.fields.notice.value.trim()) return this.fields.notice.focus();
        await this.#tell();
        part(this.root, "file").focus();
        this.#show(`${this.told} The mail is on its way.`);
      },
    });
  }

  async #refer(reference) {
    const json = {
      kind: "QUOTATION",
      customer: this.fields.customer.value.replace(/[\s\-‐-―]/g, ""),
      channelPartner: this.partnerPhone,
      kam: null, // a KAM who makes a reference becomes its KAM
    };
    const path = `/documents/references/${encodeURIComponent(reference)}`;
    try {
      await this.api.call("PUT", path, { json, token: this.token() });
    } catch (error) {
      if (error.body?.errors?.some((one) => one.field === "customer")) error.message += ` ${NO_ACCOUNT}`;
      throw error;
    }
  }

  async #send(reference) {
    const file = this.fields.file.files[0] ?? pdf(`${reference}.pdf`, `Quotation ${reference}`);
    const form = { fields: { docType: "QUOTATION", referenceId: reference }, file };
    const { body } = await this.api.call("POST", "/documents", { form, token: this.token() });
    return body.document;
  }

  async #tell() {
    const to = this.fields.notice.value.trim();
    const link = `${location.origin}/console/#custap`;
    const context = { customerName: "Customer", quotationNumber: this.reference, link };
    const json = { template: "quotation_ready", to, context };
    try {
      await this.mailbox.prepare(to);
      await this.api.once("POST", "/integrations/sendEmail", { json, token: this.token() });
    } catch (error) {
      this.#show(this.told, { mail: true });
      throw error;
    }
    this.mailbox.wait();
  }
}
