/** The document that the API keeps for one chosen file, however often a link for it is needed. */
export class Announced {
  /** `token` is a function that returns the session's token. */
  constructor({ api, token, file }) {
    Object.assign(this, { api, token, file, issued: null, sent: false });
  }

  get documentId() {
    return this.issued.documentId;
  }

  /** Return a fresh link: the first announces the file, the next are renewed ones of the same document. */
  async link() {
    this.issued = this.issued ? await this.#renew() : await this.#announce();
    return this.issued;
  }

  async #announce() {
    const { file } = this;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const wanted = { docType: "KYC", fileName: file.name, contentType: file.type, size: file.size, sha256 };
    const { body } = await this.api.call("GET", `/documents/sas?${new URLSearchParams(wanted)}`, { token: this.token() });
    return body;
  }

  async #renew() {
    try {
      const path = `/documents/${this.documentId}/renew`;
      return { ...this.issued, ...(await this.api.call("POST", path, { token: this.token() })).body };
    } catch (error) {
      if (error.status !== 404) throw error; // 404: nobody confirmed it for an hour, so it was deleted
      this.sent = false;
      return this.#announce();
    }
  }
}
