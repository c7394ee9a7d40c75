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
    onSubmit(this.form, () => this.#file());
  }

  /** Show the form with a fresh reference and the number of the CUSTAP tab. */
  enter() {
    this.root.hidden = false;
    this.#fresh();
    this.fields.customer.value = this.customerPhone();
  }

  leave() {
    this.root.hidden = true;
  }

  #fresh() {
    this.fields.reference.value = `QUOTE-${Date.now().toString(36).toUpperCase()}`;
  }

  #file() {
    const filed = part(this.root, "filed");
    filed.textContent = "";
    return attempt({
      host: part(this.root, "quotation-trouble"),
      button: part(this.root, "file"),
      work: async () => {
        const reference = this.fields.reference.value.trim();
        await this.#refer(reference);
        const document = await this.#send(reference);
        filed.textContent = `Filed: ${document.fileName} on ${reference}. The customer finds it in CUSTAP's documents.`;
        this.onFiled();
        const notice = this.fields.notice.value.trim();
        if (notice) await this.#tell(notice, reference);
        this.#fresh();
      },
    });
  }

  async #refer(reference) {
    const json = {
      kind: "QUOTATION",
      customer: this.fields.customer.value.trim(),
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

  async #tell(to, reference) {
    await this.mailbox.prepare(to);
    const link = `${location.origin}/console/#custap`;
    const context = { customerName: "Customer", quotationNumber: reference, link };
    const json = { template: "quotation_ready", to, context };
    await this.api.once("POST", "/integrations/sendEmail", { json, token: this.token() });
    this.mailbox.wait();
  }
}
