import { attempt } from "./attempt.js";
import { fill, h, humanSize, part } from "./dom.js";
import { showPreview } from "./preview.js";

const REASONS = {
  size_mismatch: "not as large as announced",
  too_large: "too many bytes, pages or pixels",
  checksum_mismatch: "damaged on its way",
  type_mismatch: "not of the announced type",
  malformed: "empty, damaged or unreadable",
  encrypted: "locked with a password",
  active_content: "holds scripts or other files",
  infected: "refused by the malware scanner",
};

const PENDING = "Sent? Then confirm it. Otherwise upload the file again; what nobody confirms is deleted after an hour.";

/** The documents that the caller may see, newest first, a page at a time. */
export class DocumentList {
  /** `token` is a function that returns the session's token. */
  constructor(root, { api, token }) {
    Object.assign(this, { root, api, token, page: 1 });
    fill(root, "document-list");
    this.trouble = part(root, "list-trouble");
    this.preview = part(root, "preview");
    this.type = part(root, "type");
    this.reload = part(root, "reload");
    this.reload.addEventListener("click", () => this.show());
    this.type.addEventListener("change", () => this.show());
    part(root, "newer").addEventListener("click", (event) => this.show(this.page - 1, event.target));
    part(root, "older").addEventListener("click", (event) => this.show(this.page + 1, event.target));
  }

  show(page = 1, button = this.reload) {
    return attempt({
      host: this.trouble,
      button,
      work: async () => {
        const query = new URLSearchParams({ page, ...(this.type.value && { docType: this.type.value }) });
        const { body } = await this.api.call("GET", `/documents?${query}`, { token: this.token() });
        this.page = body.page;
        this.#fill(body);
      },
    });
  }

  clear() {
    part(this.root, "rows").replaceChildren();
    part(this.root, "paging").hidden = true;
    this.preview.hidden = true;
    this.preview.replaceChildren();
  }

  #fill({ documents, page, pages, total }) {
    const empty = h("li", { class: "quiet" }, "No documents yet.");
    part(this.root, "rows").replaceChildren(...(documents.length ? documents.map((one) => this.#row(one)) : [empty]));
    part(this.root, "paging").hidden = pages < 2;
    part(this.root, "page").textContent = `Page ${page} of ${pages}, ${total} documents`;
    part(this.root, "newer").disabled = page <= 1;
    part(this.root, "older").disabled = page >= pages;
  }

  #row(found) {
    const id = `name-${crypto.randomUUID()}`; // two lists may show the same document
    const reason = found.reason ? h("span", { class: "reason" }, REASONS[found.reason] ?? found.reason) : null;
    const about = [found.docType, found.referenceId, humanSize(found.size), new Date(found.createdAt).toLocaleString()];
    return h(
      "li",
      {},
      h(
        "div",
        { class: "name" },
        h("strong", { id }, found.fileName || "without a name"),
        h("span", { class: "quiet" }, about.filter(Boolean).join(" · ")),
        reason,
        found.state === "pending" && h("span", { class: "quiet" }, PENDING),
      ),
      h("span", { class: `tag ${found.state}` }, found.state),
      h("span", { class: "row" }, ...this.#buttons(found, id)),
    );
  }

  #buttons(found, describedBy) {
    const button = (name, work, attributes = {}) => {
      const made = h("button", { type: "button", "aria-describedby": describedBy, ...attributes }, name);
      made.addEventListener("click", () => attempt({ host: this.trouble, button: made, work }));
      return made;
    };
    if (found.state === "pending") return [button("Confirm", () => this.#confirm(found))];
    if (found.state !== "available") return [];
    return [
      button("Preview", () => this.#preview(found), { "data-preview": found.id }),
      button("Download", async () => save(await this.#fetch(found), found.fileName || "document")),
    ];
  }

  async #preview(found) {
    // The button pressed may be gone: each showing of the list makes new ones.
    const back = () => this.root.querySelector(`[data-preview="${found.id}"]`) ?? this.reload;
    showPreview(this.preview, { blob: await this.#fetch(found), found, back });
  }

  async #confirm(found) {
    try {
      await this.api.call("POST", `/documents/${found.id}/confirm`, { token: this.token() });
    } finally {
      await this.show(this.page);
    }
  }

  async #fetch(found) {
    const { body } = await this.api.call("GET", `/documents/sas?documentId=${found.id}`, { token: this.token() });
    return this.api.file(body.sasUrl, found.contentType);
  }
}

function save(blob, fileName) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: fileName }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser reads it after the click
}
