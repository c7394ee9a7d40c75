// An upload by what the storage and the backend may answer on the way.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ID, RESET, backend, problem } from "./server.mjs";

const { uploadDocument } = await import(`${process.env.CLIENT}/upload.js`);
const { putByFetch, putWithProgress } = await import(`${process.env.CLIENT}/put.js`);

const FILE = new Blob(["%PDF-1.7"], { type: "application/pdf" });
const DOCUMENT = { status: 200, body: { success: true, document: { id: ID, state: "available" } } };
const NOT_UPLOADED = problem(409, "not_uploaded");
const stored = (status) => ({ status, type: "text/plain", body: "" });
const PUT_1 = "PUT /storage/1";
const PUT_2 = "PUT /storage/2";
const CONFIRM = `POST /documents/${ID}/confirm`;
const RENEW = `POST /documents/${ID}/renew`;

/** Let a file be uploaded to a backend that is its own storage; links are 1, then 2. */
async function uploaded(t, ...answers) {
  const server = await backend(t, ...answers);
  const link = (number) => ({
    status: 200,
    body: {
      documentId: ID,
      sasUrl: `${server.baseUrl}/storage/${number}`,
      headers: { "x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf" },
    },
  });
  answers.forEach((answer, at) => {
    if (typeof answer === "number") server.answers[at] = link(answer);
  });
  const sent = [];
  const progress = (bytes, total) => sent.push([bytes, total]);
  const result = await uploadDocument(server.client(), {
    file: FILE, docType: "KYC", fileName: "pan.pdf", sleep: server.sleep, onProgress: progress,
  }).catch((error) => error);
  const steps = server.asked.slice(1).map(({ method, url }) => `${method} ${url}`);
  return { result, steps, sent, asked: server.asked, slept: server.slept };
}

test("link, PUT, confirm", async (t) => {
  const { result, steps, sent, asked } = await uploaded(t, 1, stored(201), DOCUMENT);

  assert.equal(result.state, "available");
  assert.deepEqual(steps, [PUT_1, CONFIRM]);
  assert.deepEqual(sent.at(-1), [8, 8]);
  const query = new URL(asked[0].url, "http://x").searchParams;
  assert.deepEqual([query.get("docType"), query.get("size"), query.get("fileName")], ["KYC", "8", "pan.pdf"]);
  assert.match(query.get("sha256"), /^[0-9a-f]{64}$/);
  assert.equal(asked[1].headers["x-ms-blob-type"], "BlockBlob");
  assert.equal(asked[1].headers.authorization, undefined);
  assert.equal(asked[1].body, "%PDF-1.7");
});

for (const trouble of [RESET, stored(503), stored(500), stored(429)]) {
  test(`${trouble.status ?? trouble}: the same link again`, async (t) => {
    const { result, steps, slept } = await uploaded(t, 1, trouble, stored(201), DOCUMENT);

    assert.equal(result.state, "available");
    assert.deepEqual(steps, [PUT_1, PUT_1, CONFIRM]);
    assert.deepEqual(slept, [1000]);
  });
}

for (const status of [403, 409]) {
  test(`a lost answer, then ${status}: it is there`, async (t) => {
    const { result, steps } = await uploaded(t, 1, RESET, stored(status), DOCUMENT);

    assert.equal(result.state, "available");
    assert.deepEqual(steps, [PUT_1, PUT_1, CONFIRM]);
  });
}

test("403 and nothing there: a new link", async (t) => {
  const { result, steps } = await uploaded(t, 1, stored(403), NOT_UPLOADED, 2, stored(201), DOCUMENT);

  assert.equal(result.state, "available");
  assert.deepEqual(steps, [PUT_1, CONFIRM, RENEW, PUT_2, CONFIRM]);
});

test("what the storage does not take is not tried again", async (t) => {
  const { result, steps } = await uploaded(t, 1, stored(400));

  assert.deepEqual([result.name, result.status], ["UploadFailed", 400]);
  assert.deepEqual(steps, [PUT_1]);
});

test("after the fifth PUT it gives up", async (t) => {
  const { result, steps, slept } = await uploaded(t, 1, ...Array(6).fill(stored(503)));

  assert.equal(result.name, "UploadFailed");
  assert.deepEqual(steps, Array(5).fill(PUT_1));
  assert.deepEqual(slept, [1000, 3000, 10000, 30000]);
});

test("refused for good: the reason comes along", async (t) => {
  const refused = problem(422, "document_rejected", undefined, { reason: "encrypted" });

  const { result } = await uploaded(t, 1, stored(201), refused);

  assert.deepEqual([result.problem.code, result.problem.reason], ["document_rejected", "encrypted"]);
});

test("the caller's signal ends a PUT", async () => {
  const signal = AbortSignal.abort();

  await assert.rejects(putByFetch({ sasUrl: "http://127.0.0.1:9/", headers: {} }, FILE, undefined, signal), {
    name: "AbortError",
  });
});

test("a PUT that stands still for a minute is no answer", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const requests = [];
  globalThis.XMLHttpRequest = class {
    upload = {};
    open() { requests.push(this); }
    send() {}
    abort() { this.onabort(); }
  };
  t.after(() => delete globalThis.XMLHttpRequest);
  let status;

  const put = putWithProgress({ sasUrl: "http://127.0.0.1:9/", headers: {} }, FILE);
  put.then((told) => (status = told));
  t.mock.timers.tick(59_000);
  requests[0].upload.onprogress({ loaded: 4, total: 8 });
  t.mock.timers.tick(59_000);
  await Promise.resolve();
  assert.equal(status, undefined);
  t.mock.timers.tick(1_000);

  assert.equal(await put, 0);
});
