// What the client sends, when it gives up, and what it tries again by itself.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CUT_SHORT, DONE, HANG, HANG_WITHIN, ID, RESET, backend, problem } from "./server.mjs";

const { TIMEOUT_MS } = await import(`${process.env.CLIENT}/answers.js`);
const { answered } = await import(`${process.env.CLIENT}/problems.js`);
const OTP = { body: { phone: "+919876543210", app: "CUSTAP" } };
const KEYED = { ...OTP, params: { header: { "Idempotency-Key": ID } } };
const send = (client, what = OTP) => client.POST("/integrations/sendOTP", what);

test("a provider that hangs for 19 s is waited for", () => {
  assert.ok(TIMEOUT_MS > 19_000);
});

test("a file takes its time", async (t) => {
  const { fileQuotation } = await import(`${process.env.CLIENT}/flows/staff.js`);
  const { client, asked } = await backend(t, DONE);
  const timeout = t.mock.method(AbortSignal, "timeout");

  await fileQuotation(client(), { referenceId: "LEAD-1", file: new File(["%PDF-1.7"], "q.pdf") });

  assert.match(asked[0].headers["content-type"], /^multipart\/form-data; boundary=/);
  assert.deepEqual(timeout.mock.calls.map((call) => call.arguments), [[120_000]]);
});

test("token, correlation id and key go along", async (t) => {
  const { client, asked } = await backend(t, DONE);

  await send(client({ token: () => "abc" }), KEYED);

  assert.equal(asked[0].headers.authorization, "Token abc");
  assert.match(asked[0].headers["x-request-id"], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(asked[0].headers["idempotency-key"], ID);
  assert.deepEqual(JSON.parse(asked[0].body), OTP.body);
});

test("nobody is logged in: no token goes along", async (t) => {
  const { client, asked } = await backend(t, DONE);

  await send(client({ token: () => undefined }));

  assert.equal(asked[0].headers.authorization, undefined);
});

test("a problem is typed by its code", async (t) => {
  const { client } = await backend(t, problem(429, "resend_too_soon", 27));

  const { data, error } = await send(client());

  assert.equal(data, undefined);
  assert.equal(error.code, "resend_too_soon");
});

test("a problem can be caught, with the wait", async (t) => {
  const { client } = await backend(t, problem(429, "resend_too_soon", 27));

  await assert.rejects(answered(send(client())), (error) => {
    assert.deepEqual([error.name, error.problem.code, error.retryAfter], ["ProblemError", "resend_too_soon", 27]);
    return true;
  });
});

test("a session that is over is told; a wrong password is none", async (t) => {
  const { client, asked } = await backend(
    t, problem(401, "not_authenticated"), problem(401, "bad_credentials"),
  );
  let over = 0;
  const ours = client({ onSessionOver: () => (over += 1) });

  await ours.GET("/auth/me");
  await ours.POST("/auth/login", { body: { email: "a@b.example", password: "x" } });

  assert.deepEqual([over, asked.length], [1, 2]);
});

for (const lost of [RESET, CUT_SHORT, { status: 502, type: "text/html", body: "<h1>Bad gateway" },
  { status: 200, type: "text/html", body: "<h1>Hotel Wi-Fi" }]) {
  const what = lost.type ? `somebody else's ${lost.status}` : `a broken connection (${lost})`;

  test(`${what}: what reads is tried again`, async (t) => {
    const { client, asked, slept } = await backend(t, lost, lost, DONE);

    const { data } = await client().GET("/auth/me");

    assert.equal(data.success, true);
    assert.deepEqual([asked.length, slept.length], [3, 2]);
    assert.ok(slept[0] >= 1000 && slept[1] >= 3000);
  });

  test(`${what}: a POST is not`, async (t) => {
    const { client, asked } = await backend(t, lost, DONE);

    await assert.rejects(send(client()), { name: "NoAnswer" });

    assert.equal(asked.length, 1);
  });

  test(`${what}: a POST with a key is, with the same key`, async (t) => {
    const { client, asked } = await backend(t, lost, DONE);

    await send(client(), KEYED);

    assert.deepEqual(asked.map((each) => each.headers["idempotency-key"]), [ID, ID]);
    assert.deepEqual(asked.map((each) => each.body), Array(2).fill(JSON.stringify(OTP.body)));
  });
}

test("a new password is set once", async (t) => {
  const { client, asked } = await backend(t, RESET, DONE);
  const body = { uid: "1", token: "2", newPassword: "a long one" };

  await assert.rejects(client().POST("/auth/password/reset/confirm", { body }), { name: "NoAnswer" });

  assert.equal(asked.length, 1);
});

test("confirm of a document is safe to repeat", async (t) => {
  const { client, asked } = await backend(t, RESET, DONE);

  await client().POST("/documents/{id}/confirm", { params: { path: { id: ID } } });

  assert.equal(asked.length, 2);
});

test("after the third try it gives up", async (t) => {
  const { client, asked } = await backend(t, RESET, RESET, RESET, DONE);

  await assert.rejects(client().GET("/auth/me"), { name: "NoAnswer" });

  assert.equal(asked.length, 3);
});

for (const hangs of [HANG, HANG_WITHIN]) {
  test(`what hangs is given up in time (${hangs})`, async (t) => {
    const { client } = await backend(t, hangs);

    await assert.rejects(send(client({ timeoutMs: 200 })), { name: "NoAnswer", message: "too late" });
  });
}

test("the caller's own signal ends it, and is no lost answer", async (t) => {
  const { client, asked } = await backend(t, HANG);

  const call = client().GET("/auth/me", { signal: AbortSignal.timeout(50) });

  await assert.rejects(call, { name: "TimeoutError" });
  assert.equal(asked.length, 1);
});

test("trouble that ends by itself is waited for", async (t) => {
  const { client, slept } = await backend(
    t, problem(409, "idempotency_in_progress", 1), problem(503, "service_unavailable", 5), DONE,
  );

  const { data } = await send(client(), KEYED);

  assert.equal(data.success, true);
  assert.deepEqual(slept, [1000, 5000]);
});

for (const [status, code, wait] of [[429, "resend_too_soon", 2], [503, "sms_unavailable", 2],
  [503, "service_unavailable", 60], [500, "internal_error"], [502, "sms_rejected"]]) {
  test(`${code}, ${wait} s: the person decides`, async (t) => {
    const { client, asked } = await backend(t, problem(status, code, wait), DONE);

    const { error } = await send(client(), KEYED);

    assert.equal(error.code, code);
    assert.equal(asked.length, 1);
  });
}
