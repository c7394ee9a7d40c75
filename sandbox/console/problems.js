/** The server answered and refused. */
export class Refusal extends Error {
  /** `body` is the parsed answer (problem+json where it is the API's) or null. */
  constructor({ status, body, retryAfter = 0 }) {
    super(body?.detail ?? body?.error ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body?.code ?? "";
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** The storage refused, in XML, with nothing for people but its code: `detail` is what they are told. */
export function storageRefusal({ status, code, detail }) {
  return new Refusal({ status, body: { code: code ?? "", detail } });
}

/** Nobody knows what became of the request: the connection broke or we gave up. */
export class NoAnswer extends Error {
  constructor({ seconds = 0, cancelled = false } = {}) {
    super(
      cancelled
        ? "Cancelled."
        : seconds
          ? `No answer within ${seconds} seconds. Please try again.`
          : "No answer: the connection broke, or the server is not there. Please try again.",
    );
    this.cancelled = cancelled;
  }
}

/** Return what a person is told: the API's `detail` word for word, and which field is wrong. */
export function sentence(error) {
  const fields = error.body?.errors ?? [];
  return [error.message, ...fields.map((one) => `${one.field}: ${one.detail}`)].join(" ");
}
