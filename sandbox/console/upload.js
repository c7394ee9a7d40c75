import { attempt } from "./attempt.js";
import { fill, h, humanSize, onSubmit, part, pause } from "./dom.js";
import { NoAnswer, Refusal } from "./problems.js";
import { putFile } from "./put_file.js";
import { SAMPLES } from "./sample_files.js";

const TURNS = 3;
const PAUSE_SECONDS = 1.5;

/** A KYC file's way: a link from the API, PUT to the storage, confirm. */
export class Upload {
  constructor(root, { api, token, onSettled }) {
    Object.assign(this, { root, api, token, onSettled, file: null });
    fill(root, "upload");
    this.form = part(root, "upload-form");
    this.trouble = part(root, "upload-trouble");
    this.start = part(root, "start");
    this.confirm = part(root, "confirm");
    this.cancel = part(root, "cancel");
    this.form.elements.file.addEventListener("change", (event) => this.#choose(event.target.files[0] ?? null));
    part(root, "samples").append(...SAMPLES.map(([name, make]) => this.#sample(name, make)));
    onSubmit(this.form, () => this.#upload());
    this.confirm.addEventListener("click", () => this.#confirm());
    this.cancel.addEventListener("click", () => this.putting?.cancel());
  }

  clear() {
    this.form.reset();
    this.trouble.replaceChildren();
    this.#choose(null);
  }

  #sample(name, make) {
    const choose = async () => {
      this.form.elements.file.value = "";
      this.#choose(await make());
    };
    return h("button", { type: "button", onclick: choose }, name);
  }

  #choose(file) {
    this.file = file;
    this.confirm.hidden = true;
    part(this.root, "bar").hidden = true;
    this.#say("");
    part(this.root, "chosen").textContent = file ? `${file.name}, ${humanSize(file.size)}` : "No file is chosen.";
  }

  #upload() {
    const { file } = this;
    if (!file) return this.#say("Choose a file or use a sample first.");
    return attempt({
      host: this.trouble,
      button: this.start,
      work: async () => {
        this.confirm.hidden = true;
        this.#say("Computing the file's digest…");
        const issued = await this.#ask(file);
        this.documentId = issued.documentId;
        this.cancel.hidden = false;
        try {
          await this.#put(file, issued);
        } finally {
          this.cancel.hidden = true;
          this.#say("");
        }
        this.#say("The storage has the file. Now confirm it, so that the backend looks into it.");
        this.confirm.hidden = false;
        this.confirm.focus();
      },
    });
  }

  async #ask(file) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const wanted = { docType: "KYC", fileName: file.name, contentType: file.type, size: file.size, sha256 };
    const { body } = await this.api.call("GET", `/documents/sas?${new URLSearchParams(wanted)}`, { token: this.token() });
    return body;
  }

  /** PUT, and again with a renewed link where that may help. */
  async #put(file, first) {
    let issued = first;
    for (let turn = 1; ; turn += 1) {
      this.#say(turn === 1 ? "Sending the file to the storage…" : `A fresh link; sending again (${turn} of ${TURNS})…`);
      try {
        this.#progress(0);
        this.putting = putFile({
          exchanges: this.api.exchanges,
          issued,
          file,
          onProgress: (share) => this.#progress(share),
        });
        return await this.putting.done;
      } catch (error) {
        // A link creates once: a second one is refused where the first PUT came through unnoticed.
        if (turn > 1 && error.code === "AuthorizationPermissionMismatch") return undefined;
        if (turn === TURNS || !mayHelp(error)) throw error;
      }
      this.#say("The storage did not take the file; asking for a fresh link…");
      await pause(PAUSE_SECONDS * turn);
      const path = `/documents/${this.documentId}/renew`;
      issued = { ...issued, ...(await this.api.call("POST", path, { token: this.token() })).body };
    }
  }

  #progress(share) {
    const percent = Math.round(share * 100);
    part(this.root, "bar").hidden = false;
    this.root.querySelector("progress").value = percent;
    part(this.root, "percent").textContent = `${percent} %`;
  }

  #confirm() {
    return attempt({
      host: this.trouble,
      button: this.confirm,
      work: async () => {
        try {
          await this.api.call("POST", `/documents/${this.documentId}/confirm`, { token: this.token() });
          this.form.reset();
          this.#choose(null);
          this.#say("Confirmed: the document is available.");
          this.start.focus();
        } catch (error) {
          if (error.status === 422) this.confirm.hidden = true; // refused for good
          throw error;
        } finally {
          this.onSettled();
        }
      },
    });
  }

  #say(text) {
    part(this.root, "upload-status").textContent = text;
  }
}

/** Lost, expired or a bad moment of the storage's: yes. Cancelled or a wrong request: no. */
function mayHelp(error) {
  if (error instanceof NoAnswer) return !error.cancelled;
  return error instanceof Refusal && (error.status === 403 || error.status >= 500);
}
