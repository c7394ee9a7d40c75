// Logs in by a code at a real server, as CUSTAP does, and out again. In: the places and the phone.
import assert from "node:assert/strict";

const { createClient } = await import(`${process.env.CLIENT}/client.js`);
const { ProblemError, answered } = await import(`${process.env.CLIENT}/problems.js`);
const { askForCode, logIn } = await import(`${process.env.CLIENT}/flows/otpLogin.js`);
const { BACKEND, INBOX, PHONE: phone } = process.env;

const kept = { proofs: new Map(), token: undefined, over: 0 };
const keeper = {
  proofOf: async (of) => kept.proofs.get(of),
  keepProof: async (of, proof) => void kept.proofs.set(of, proof),
  keepToken: async (token) => void (kept.token = token),
};
const client = createClient({
  baseUrl: BACKEND,
  token: () => kept.token,
  onSessionOver: () => (kept.over += 1),
});

const sent = await askForCode(client, keeper, { phone, app: "CUSTAP" });
assert.equal(sent.expiresIn, 120);

const inbox = await fetch(`${INBOX}?to=${encodeURIComponent(phone)}&format=json`);
const [otp] = /[0-9]{6}/.exec((await inbox.json()).messages[0].text);
const wrong = otp === "000000" ? "000001" : "000000";
await assert.rejects(
  logIn(client, keeper, { phone, challengeId: sent.challengeId, otp: wrong }),
  (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.problem.code, error.problem.attemptsLeft], ["otp_incorrect", 4]);
    return true;
  },
);

const typed = `${otp.slice(0, 3)} ${otp.slice(3)}`;
const session = await logIn(client, keeper, { phone, challengeId: sent.challengeId, otp: typed });
assert.equal(session.user.phone, phone);
assert.ok(kept.proofs.get(phone));

const { user } = await answered(client.GET("/auth/me"));
assert.equal(user.id, session.user.id);

await answered(client.POST("/auth/logout"));
const { error } = await client.GET("/auth/me");
assert.deepEqual([error.code, kept.over], ["not_authenticated", 1]);
console.log("logged in and out");
