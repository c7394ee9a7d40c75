// An upload from the link to the confirmed document, on bad networks too. The steps, for those who
// write them in another language: docs/front-end-guide.md.
import { sleepFor } from "./answers.js";
import type { SolariumClient } from "./client.js";
import { ProblemError, answered } from "./problems.js";
import { put as putHere, type Link, type Progress, type Put } from "./put.js";
import type { components, operations } from "./schema.js";

export type Document = components["schemas"]["DocumentItem"];
type Query = NonNullable<operations["getSAS"]["parameters"]["query"]>;

export interface Upload {
  file: Blob;
  docType: NonNullable<Query["docType"]>;
  /** The reference; LEAD and QUOTATION need one. */
  referenceId?: string;
  /** What people see. */
  fileName?: string;
  contentType?: Query["contentType"];
  onProgress?: Progress;
  signal?: AbortSignal;
  /** Only tests, and platforms with an upload of their own, pass others. */
  put?: Put;
  sleep?: typeof sleepFor;
}

/** Waits before each further PUT; five in all. */
const PAUSES_MS = [1_000, 3_000, 10_000, 30_000];

/** The storage did not take the file, whatever was tried; the person may try again later. */
export class UploadFailed extends Error {
  override readonly name = "UploadFailed";

  constructor(readonly status: number) {
    super(`the storage answered ${status || "nothing"}`);
  }
}

/**
 * Upload a file and return the confirmed document.
 *
 * Throws `ProblemError` for what the backend refuses, `document_rejected` with its reason among it,
 * `NoAnswer` where the backend cannot be reached, and `UploadFailed`.
 */
export async function uploadDocument(client: SolariumClient, upload: Upload): Promise<Document> {
  const { signal = null } = upload;
  let issued = await answered(
    client.GET("/documents/sas", { params: { query: await announced(upload) }, signal }),
  );
  const path = { id: issued.documentId };
  const pauses = [...PAUSES_MS];
  for (;;) {
    const status = await putOnce(issued, upload);
    if (mayBeThere(status)) {
      const document = await confirmed(client, path.id, signal);
      if (document) return document;
      // Refused, and nothing is there: the link is over.
      issued = await answered(client.POST("/documents/{id}/renew", { params: { path }, signal }));
    } else if (!passesBy(status)) {
      throw new UploadFailed(status);
    }
    const pause = pauses.shift();
    if (pause === undefined) throw new UploadFailed(status);
    await (upload.sleep ?? sleepFor)(pause, upload.signal);
  }
}

/** 201, or what the storage says to a second PUT: a link creates its blob once (403; 409 by some). */
function mayBeThere(status: number): boolean {
  return [201, 403, 409].includes(status);
}

/** No answer, or the storage's own trouble: the same link again. */
function passesBy(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function putOnce(link: Link, upload: Upload): Promise<number> {
  return (upload.put ?? putHere)(link, upload.file, upload.onProgress, upload.signal);
}

/** Return the document, nothing where the backend finds no blob. Safe to repeat. */
async function confirmed(
  client: SolariumClient,
  id: string,
  signal: AbortSignal | null,
): Promise<Document | undefined> {
  try {
    const call = client.POST("/documents/{id}/confirm", { params: { path: { id } }, signal });
    return (await answered(call)).document;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === "not_uploaded") return undefined;
    throw error;
  }
}

/** What the backend compares with what came: a file that was damaged on its way is told apart. */
async function announced(upload: Upload): Promise<Query> {
  const digest = await crypto.subtle.digest("SHA-256", await upload.file.arrayBuffer());
  const query: Query = {
    docType: upload.docType,
    size: upload.file.size,
    sha256: [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
  if (upload.referenceId) query.referenceId = upload.referenceId;
  if (upload.fileName) query.fileName = upload.fileName;
  if (upload.contentType) query.contentType = upload.contentType;
  return query;
}
