import { pause } from "./dom.js";
import { parsed } from "./json.js";
import { NoAnswer, Refusal, storageRefusal } from "./problems.js";

// The backend answers within 19 s even when a provider hangs three times.
const TIMEOUT_SECONDS = 25;
// With a file in the request: 10 MB at 1 Mbit/s take 80 s.
const FILE_TIMEOUT_SECONDS = 120;
const RUNNING_SECONDS = 30;
const NOT_GIVEN = "The storage did not give the file. Please try again shortly.";

/** One server; every exchange with it goes into the log. */
export class Api {
  constructor({ base, exchanges }) {
    this.base = base;
    this.exchanges = exchanges;
  }

  /**
   * Call the server and return its JSON as `body`, with `headers`.
   *
   * Raises Refusal for what is not 2xx and NoAnswer where none came.
   */
  async call(method, path, { json, form, token, headers = {}, poll = false } = {}) {
    const sent = { ...headers };
    if (token) sent.Authorization = `Token ${token}`;
    if (json !== undefined) sent["Content-Type"] = "application/json";
    const row = this.exchanges.begin({ method, url: this.base + path, headers: sent, body: shape(json, form), poll });
    const body = form ? multipart(form) : json === undefined ? undefined : JSON.stringify(json);
    const options = { method, headers: sent, body, seconds: form ? FILE_TIMEOUT_SECONDS : TIMEOUT_SECONDS };
    const [answer, text] = await this.#ask(row, this.base + path, options, (given) => given.text());
    row.end({ status: answer.status, headers: answer.headers, text });
    const given = parsed(text);
    if (!answer.ok) {
      const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
      throw new Refusal({ status: answer.status, body: given, retryAfter });
    }
    return { body: given, headers: answer.headers };
  }

  /** Fetch a file by a signed link and return it as a Blob of the given type. */
  async file(url, type) {
    const row = this.exchanges.begin({ method: "GET", url, headers: {}, body: null });
    const [answer, blob] = await this.#ask(row, url, { seconds: FILE_TIMEOUT_SECONDS }, (given) => given.blob());
    row.end({ status: answer.status, headers: answer.headers, text: `(${blob.size} bytes)` });
    const code = answer.headers.get("x-ms-error-code");
    if (!answer.ok) throw storageRefusal({ status: answer.status, code, detail: NOT_GIVEN });
    return new Blob([blob], { type });
  }

  /** Repeat a request under one Idempotency-Key as the front-end guide says: it is sent once. */
  async once(method, path, { headers = {}, ...rest }) {
    const keyed = { ...rest, headers: { ...headers, "Idempotency-Key": crypto.randomUUID() } };
    const giveUpAt = Date.now() + RUNNING_SECONDS * 1000;
    for (let lost = 0; ; ) {
      try {
        return await this.call(method, path, keyed);
      } catch (error) {
        if (error.code === "idempotency_in_progress" && Date.now() < giveUpAt) await pause(error.retryAfter || 1);
        else if (error instanceof NoAnswer && lost === 0) lost += 1;
        else throw error;
      }
    }
  }

  /** Return the answer and what `read` makes of its body: one that breaks off is none. */
  async #ask(row, url, { seconds, ...options }, read) {
    try {
      const signal = AbortSignal.timeout(seconds * 1000);
      const answer = await fetch(url, { ...options, signal, cache: "no-store" });
      return [answer, await read(answer)];
    } catch (error) {
      const lost = new NoAnswer({ seconds: error.name === "TimeoutError" ? seconds : 0 });
      row.fail(lost.message);
      throw lost;
    }
  }
}

function shape(json, form) {
  if (form) return { fields: form.fields, file: form.file.name };
  return json === undefined ? null : { json };
}

function multipart({ fields, file }) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append("file", file, file.name);
  return data;
}
