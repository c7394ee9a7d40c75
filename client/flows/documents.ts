// All three front ends: upload a KYC document, read what is there.
import type { SolariumClient } from "../client.js";
import { answered } from "../problems.js";
import type { Progress } from "../put.js";
import { type Document, uploadDocument } from "../upload.js";

/** Upload one page of somebody's papers. */
export function uploadKYC(
  client: SolariumClient,
  file: File,
  onProgress?: Progress,
): Promise<Document> {
  const contentType = file.type as "application/pdf" | "image/jpeg" | "image/png";
  const progress = onProgress ? { onProgress } : {};
  return uploadDocument(client, {
    file,
    docType: "KYC",
    fileName: file.name,
    contentType,
    ...progress,
  });
}

/** Return the quotations of a reference, newest first. */
export async function quotationsOf(client: SolariumClient, referenceId: string): Promise<Document[]> {
  const query = { docType: "QUOTATION", referenceId, state: "available" } as const;
  return (await answered(client.GET("/documents", { params: { query } }))).documents;
}

/** Return a link to a document for 30 minutes; it downloads under the document's own name. */
export async function downloadLink(client: SolariumClient, documentId: string): Promise<string> {
  const query = { documentId };
  return (await answered(client.GET("/documents/sas", { params: { query } }))).sasUrl;
}
