// Uploads or downloads one document with Microsoft's own client, as a front end would.
// In: one JSON object on stdin, {"action": "put" | "get", "sasUrl", "contentType", "file"}: a link
// is a secret, and arguments are seen by everybody on the machine.
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { BlockBlobClient } from "@azure/storage-blob";

const { action, sasUrl, contentType, file } = JSON.parse(await text(process.stdin));
// The link is all that it gets; it tries again by itself where an answer is lost.
const blob = new BlockBlobClient(sasUrl, undefined, { retryOptions: { maxTries: 3 } });
if (action === "put") {
  // One PUT: a link that may only create takes no blocks.
  const body = await readFile(file);
  await blob.upload(body, body.length, { blobHTTPHeaders: { blobContentType: contentType } });
} else {
  await writeFile(file, await blob.downloadToBuffer());
}
