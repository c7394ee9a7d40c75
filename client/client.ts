// The typed client of the three front ends: openapi-fetch over the generated types, with what every
// call needs besides: the token, a correlation id, a time limit, and trying again where that does
// no harm. What to do on which code: docs/front-end-guide.md.
import createFetch, { type Client, type Middleware } from "openapi-fetch";

import { answersInTime, type Waiting } from "./answers.js";
import { problemIn } from "./problems.js";
import type { paths } from "./schema.js";

export type SolariumClient = Client<paths>;

export interface Options extends Waiting {
  /** Where the backend is, without a slash at the end: "https://api.solarium.example". */
  baseUrl: string;
  /** The token of the session, nothing while nobody is logged in; asked before each call. */
  token?: () => string | undefined | Promise<string | undefined>;
  /** The session is over: forget the token and show the login. */
  onSessionOver?: () => void;
}

/**
 * Make the client; one for the whole front end.
 *
 * Each call gives `{ data }`, or `{ error }` with the problem that the backend answered, a type of
 * its own for each `code`. It throws `NoAnswer` where nobody knows whether the backend did it, and
 * `AbortError` where the caller's own signal ended it.
 */
export function createClient(options: Options): SolariumClient {
  const client = createFetch<paths>({
    baseUrl: options.baseUrl,
    fetch: (request) => answersInTime(request, options),
  });
  client.use(identified(options));
  return client;
}

/** Make a key for one press of a button; send it with each repetition of that request. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}

function identified(options: Options): Middleware {
  return {
    async onRequest({ request }) {
      const token = await options.token?.();
      if (token) request.headers.set("Authorization", `Token ${token}`);
      if (!request.headers.has("X-Request-ID")) {
        request.headers.set("X-Request-ID", crypto.randomUUID());
      }
      return request;
    },
    async onResponse({ response }) {
      const problem = await problemIn(response);
      if (problem?.code === "not_authenticated") options.onSessionOver?.();
    },
  };
}
