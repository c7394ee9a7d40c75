// CPAPP and CUSTAP: log in by a code.
import { idempotencyKey, type SolariumClient } from "../client.js";
import { answered } from "../problems.js";
import type { components } from "../schema.js";

type Schemas = components["schemas"];
export type Sent = Schemas["SentAnswer"];
export type Session = Pick<Schemas["VerifiedAnswer"], "token" | "expiresAt" | "user">;

/** Keeps secrets in the device's secure storage. */
export interface Keeper {
  proofOf(phone: string): Promise<string | undefined>;
  keepProof(phone: string, proof: string): Promise<void>;
  keepToken(token: string): Promise<void>;
}

/** Ask for a code; `key` is one for each press of the button (`idempotencyKey`). */
export async function askForCode(
  client: SolariumClient,
  keeper: Keeper,
  { phone, app, key = idempotencyKey() }: Schemas["SendOTPRequest"] & { key?: string },
): Promise<Sent> {
  const header = { ...(await proved(keeper, phone)), "Idempotency-Key": key };
  return answered(
    client.POST("/integrations/sendOTP", { params: { header }, body: { phone, app } }),
  );
}

/** Trade the code for a session; what it throws holds `attemptsLeft` for `otp_incorrect`. */
export async function logIn(
  client: SolariumClient,
  keeper: Keeper,
  { phone, challengeId, otp }: { phone: string; challengeId: string; otp: string },
): Promise<Session> {
  const header = await proved(keeper, phone);
  const verified = await answered(
    client.POST("/integrations/verifyOTP", {
      params: { header },
      body: { challengeId, otp: otp.replace(/\s/g, "") },
    }),
  );
  await keeper.keepProof(phone, verified.installProof);
  await keeper.keepToken(verified.token);
  return verified;
}

async function proved(keeper: Keeper, phone: string): Promise<Record<string, string>> {
  const proof = await keeper.proofOf(phone);
  return proof ? { "X-Install-Proof": proof } : {};
}
