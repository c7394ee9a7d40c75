// One PUT of a file to the storage, by a link and nothing else: no token of ours goes there.

/** What the link came with: send exactly these headers. */
export interface Link {
  sasUrl: string;
  headers: Record<string, string>;
}

export type Progress = (sentBytes: number, totalBytes: number) => void;

/** Resolves to the storage's status, 0 where no answer came; rejects when the signal ends it. */
export type Put = (
  link: Link,
  file: Blob,
  onProgress?: Progress,
  signal?: AbortSignal,
) => Promise<number>;

/** An upload may take as long as it moves. */
const STANDSTILL_MS = 60_000;

/** By XMLHttpRequest, since `fetch` tells nothing of how far an upload is. */
export const putWithProgress: Put = (link, file, onProgress, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    let standstill: ReturnType<typeof setTimeout>;
    const abort = (): void => request.abort();
    const moved = (): void => {
      clearTimeout(standstill);
      standstill = setTimeout(abort, STANDSTILL_MS);
    };
    const end = (status: number): void => {
      clearTimeout(standstill);
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) reject(signal.reason);
      else resolve(status);
    };
    request.open("PUT", link.sasUrl);
    for (const [name, value] of Object.entries(link.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => {
      moved();
      onProgress?.(loaded, total);
    };
    request.onload = () => end(request.status);
    request.onerror = request.onabort = () => end(0);
    signal?.addEventListener("abort", abort, { once: true });
    moved();
    request.send(file);
  });

/** Where there is no XMLHttpRequest: told at the end only. */
export const putByFetch: Put = async (link, file, onProgress, signal) => {
  const init: RequestInit = { method: "PUT", headers: link.headers, body: file };
  if (signal) init.signal = signal;
  try {
    const { status } = await fetch(link.sasUrl, init);
    onProgress?.(file.size, file.size);
    return status;
  } catch (error) {
    if (signal?.aborted) throw error;
    return 0;
  }
};

/** The one that this platform has. */
export const put: Put = typeof XMLHttpRequest === "undefined" ? putByFetch : putWithProgress;
