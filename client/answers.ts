// One answer to one request: in time, from the backend and nobody else, tried again where that does
// no harm.
import { isOfType, problemIn, retryAfter } from "./problems.js";

/** The backend gives up a provider that hangs after 19 s; the rest is for the way there and back. */
export const TIMEOUT_MS = 25_000;
/** With a file in the request: 10 MB at 1 Mbit/s take 80 s. */
export const FILE_TIMEOUT_MS = 120_000;

/** Waits before the second and the third try where no answer came. */
const PAUSES_MS = [1_000, 3_000];
/** Longer waits are for the person to see: show `detail`, offer the button again afterwards. */
const LONGEST_WAIT_MS = 10_000;
/** An Idempotency-Key is in progress for 30 s at most. */
const KEEP_TRYING_MS = 30_000;
const ENDS_BY_ITSELF = ["idempotency_in_progress", "service_unavailable", "storage_unavailable"];

export interface Waiting {
  timeoutMs?: number;
  /** Only tests pass another. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** No answer of the backend came: nobody knows whether it did what it was asked for. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/**
 * Return the backend's answer, whatever its status.
 *
 * Throws `NoAnswer` after the last try, and what the caller's own signal ends with.
 */
export async function answersInTime(request: Request, waiting: Waiting): Promise<Response> {
  const sleep = waiting.sleep ?? sleepFor;
  const repeatable = mayRepeat(request);
  const endsAt = Date.now() + KEEP_TRYING_MS;
  for (const pauses = [...PAUSES_MS]; ; ) {
    let wait: number | undefined;
    try {
      const response = await once(request, waiting);
      wait = repeatable ? await waitThatEnds(response) : undefined;
      if (wait === undefined || Date.now() + wait > endsAt) return response;
    } catch (error) {
      wait = repeatable && error instanceof NoAnswer ? pauses.shift() : undefined;
      if (wait === undefined) throw error;
      wait *= 1 + Math.random() / 2; // not all phones of a dead spot at once
    }
    await sleep(wait, request.signal);
  }
}

/**
 * Whether the same request again does no harm: what reads, what replaces, what is kept by its key,
 * and confirm of a document, which gives its answer again. No other POST: nobody wants two mails.
 */
function mayRepeat(request: Request): boolean {
  return (
    ["GET", "PUT"].includes(request.method) ||
    request.headers.has("Idempotency-Key") ||
    /\/documents\/[^/]+\/confirm$/.test(new URL(request.url).pathname)
  );
}

async function once(request: Request, waiting: Waiting): Promise<Response> {
  const holdsFile = request.headers.get("Content-Type")?.startsWith("multipart/form-data");
  const limit = AbortSignal.timeout(
    waiting.timeoutMs ?? (holdsFile ? FILE_TIMEOUT_MS : TIMEOUT_MS),
  );
  const signal = AbortSignal.any([request.signal, limit]);
  const attempt = new Request(request.clone(), { signal });
  let response: Response;
  try {
    response = await fetch(attempt);
    await response.clone().arrayBuffer(); // an answer that breaks off is none
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new NoAnswer(limit.aborted ? "too late" : "no connection", { cause: error });
  }
  // A proxy's page, or that of a hotel's Wi-Fi, which is a 200.
  const ours = ["application/json", "application/problem+json"];
  if (!ours.some((type) => isOfType(response, type))) {
    throw new NoAnswer(`somebody else's ${response.status}`);
  }
  return response;
}

/** Return the milliseconds after which to ask again, where the trouble ends by itself so soon. */
async function waitThatEnds(response: Response): Promise<number | undefined> {
  const problem = await problemIn(response);
  const wait = (retryAfter(response) ?? Infinity) * 1_000;
  const ends = problem && ENDS_BY_ITSELF.includes(problem.code);
  return ends && wait <= LONGEST_WAIT_MS ? wait : undefined;
}

export function sleepFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", stopped, { once: true });
    function done(): void {
      signal?.removeEventListener("abort", stopped);
      resolve();
    }
    function stopped(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
}
