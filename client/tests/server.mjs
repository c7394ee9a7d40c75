// A backend at the wire for the client's tests: answers in a row, and what was asked.
import { createServer } from "node:http";
import { once } from "node:events";

const { createClient } = await import(`${process.env.CLIENT}/client.js`);

export const ID = "0d8f3c52-7f5e-4f0b-8f5d-1f6f1b1f7a20";
export const DONE = { status: 200, body: { success: true, correlationId: ID } };
export const HANG = "hang";
export const RESET = "reset";
/** Both after the head and the first bytes of the body. */
export const HANG_WITHIN = "hang within";
export const CUT_SHORT = "cut short";

export function problem(status, code, retryAfter, more = {}) {
  const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  return { status, headers, type: "application/problem+json", body: { status, code, ...more } };
}

/** Start a server that gives these answers; what is asked beyond them is a 500 without a type. */
export async function backend(t, ...answers) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const answer = answers.shift() ?? { status: 500, type: "text/plain", body: "no more" };
    if (answer === RESET) return request.socket.destroy();
    if (answer === HANG) return undefined;
    if (answer === HANG_WITHIN || answer === CUT_SHORT) {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "99" });
      const then = answer === CUT_SHORT ? () => request.socket.destroy() : undefined;
      return response.write('{"success":', then);
    }
    response.writeHead(answer.status, {
      "Content-Type": answer.type ?? "application/json",
      ...answer.headers,
    });
    return response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const slept = [];
  const sleep = async (milliseconds) => void slept.push(milliseconds);
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  return {
    answers,
    asked,
    slept,
    sleep,
    baseUrl,
    client: (options = {}) => createClient({ baseUrl, sleep, ...options }),
  };
}
