// WEBPRT: staff log in, reset their password, file a quotation, see how the providers do.
import { idempotencyKey, type SolariumClient } from "../client.js";
import { answered } from "../problems.js";
import type { components } from "../schema.js";
import type { Document } from "../upload.js";

type Schemas = components["schemas"];

/** Log in; where it throws `second_factor_required`, ask for the six digits and call it again. */
export async function logInStaff(
  client: SolariumClient,
  body: Schemas["LoginRequest"],
): Promise<Schemas["LoginAnswer"]> {
  return answered(client.POST("/auth/login", { body }));
}

/** Ask for a reset link; the answer never tells whether there is such an account. */
export async function askForReset(
  client: SolariumClient,
  to: string,
  key = idempotencyKey(),
): Promise<void> {
  await answered(
    client.POST("/integrations/sendEmail", {
      params: { header: { "Idempotency-Key": key } },
      body: { template: "password_reset", to },
    }),
  );
}

/** File a quotation, which the customer of the reference then sees. */
export async function fileQuotation(
  client: SolariumClient,
  { referenceId, file }: { referenceId: string; file: File },
): Promise<Document> {
  const form = new FormData();
  form.set("docType", "QUOTATION");
  form.set("referenceId", referenceId);
  form.set("file", file);
  const filed = await answered(
    client.POST("/documents", {
      body: { docType: "QUOTATION", referenceId, file: file.name },
      bodySerializer: () => form,
    }),
  );
  return filed.document;
}

/** Return the lines of the banner, empty while all is well. */
export async function bannerLines(client: SolariumClient): Promise<string[]> {
  const { providers, alerts } = await answered(client.GET("/integrations/status"));
  const troubles = Object.entries(providers)
    .filter(([, provider]) => provider.state !== "ok")
    .map(([name, provider]) => provider.message ?? `${name} has trouble.`);
  return [...troubles, ...alerts.map((alert) => alert.text)];
}
