import { Announced } from "./announced.js";
import { attempt } from "./attempt.js";
import { fill, h, humanSize, onSubmit, part, pause } from "./dom.js";
import { NoAnswer, Refusal } from "./problems.js";
import { putFile } from "./put_file.js";
import { SAMPLES } from "./sample_files.js";

const TURNS = 3;
const PAUSE_SECONDS = 1.5;
// A link creates once: a PUT after one that came through unnoticed is refused, by Azurite as the first of these.
const MAY_BE_THERE = new Set(["AuthorizationPermissionMismatch", "UnauthorizedBlobOverwrite", "BlobAlreadyExists"]);

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
    this.cancel.addEventListener("click", () => {
      this.start.focus(); // the button goes away
      this.#stop();
    });
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
    this.#stop();
    this.file = file;
    this.announced = file && new Announced({ api: this.api, token: this.token, file });
    this.confirm.hidden = true;
    this.#settle();
    part(this.root, "chosen").textContent = file ? `${file.name}, ${humanSize(file.size)}` : "No file is chosen.";
  }

  #stop() {
    this.sending?.abort(new NoAnswer({ cancelled: true }));
  }

  /** Show nothing of a file on its way. */
  #settle() {
    this.cancel.hidden = true;
    part(this.root, "bar").hidden = true;
    this.#say("");
  }

  #upload() {
    if (!this.file) return this.#say("Choose a file or use a sample first.");
    return attempt({
      host: this.trouble,
      button: this.start,
      work: async () => {
        const { file } = this;
        this.confirm.hidden = true;
        this.#settle();
        this.sending = new AbortController();
        try {
          this.#say(await this.#send(this.announced, this.sending.signal));
        } catch (error) {
          if (this.file !== file) return; // what is shown is another file's by now
          this.#settle();
          throw error;
        }
        this.cancel.hidden = true;
        this.confirm.hidden = false;
        this.confirm.focus();
      },
    });
  }

  /** PUT, and again with a fresh link where that may help; returns what to do next. */
  async #send(announced, signal) {
    this.#say(announced.issued ? "Asking for a fresh link…" : "Computing the file's digest…");
    for (let turn = 1; ; turn += 1) {
      const issued = await unlessAborted(signal, announced.link());
      this.#say(turn === 1 ? "Sending the file to the storage…" : `A fresh link; sending again (${turn} of ${TURNS})…`);
      this.cancel.hidden = false;
      const again = announced.sent;
      announced.sent = true;
      try {
        await this.#put(announced.file, issued, signal);
        return "The storage has the file. Now confirm it, so that the backend looks into it.";
      } catch (error) {
        if (again && MAY_BE_THERE.has(error.code)) return "The storage may have the file from before. Confirm it to find out.";
        if (turn === TURNS || !mayHelp(error)) throw error;
      }
      this.#say("The storage did not take the file; asking for a fresh link…");
      await unlessAborted(signal, pause(PAUSE_SECONDS * turn));
    }
  }

  #put(file, issued, signal) {
    this.#progress(0);
    const onProgress = (share) => this.#progress(share);
    return putFile({ exchanges: this.api.exchanges, issued, file, onProgress, signal });
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
        const { file, announced } = this;
        try {
          await this.api.call("POST", `/documents/${announced.documentId}/confirm`, { token: this.token() });
          if (this.file === file) this.#confirmed();
        } catch (error) {
          if (this.file !== file) return; // what is shown is another file's by now; the list tells of this one
          if (error.status === 422) this.#refused();
          throw error;
        } finally {
          if (this.token()) this.onSettled();
        }
      },
    });
  }

  /** The document is refused for good: another try with the file is another document. */
  #refused() {
    this.start.focus();
    this.#choose(this.file);
  }

  #confirmed() {
    this.form.reset();
    this.#choose(null);
    this.#say("Confirmed: the document is available.");
    this.start.focus();
  }

  #say(text) {
    part(this.root, "upload-status").textContent = text;
  }
}

/** Wait for something, at most until the signal. */
function unlessAborted(signal, promise) {
  const aborted = new Promise((_, refuse) => {
    signal.addEventListener("abort", () => refuse(signal.reason), { once: true });
  });
  return Promise.race([promise, aborted]);
}

/** Lost, expired or a bad moment of the storage's: yes. Cancelled or a wrong request: no. */
function mayHelp(error) {
  if (error instanceof NoAnswer) return !error.cancelled;
  return error instanceof Refusal && (error.status === 403 || error.status >= 500);
}
