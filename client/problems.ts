// What the backend refuses, typed: one type for each code, told apart by `code`.
import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];
type Answers = { [Name in keyof operations]: operations[Name]["responses"] }[keyof operations];
type Refused<Each> = Each extends { content: { "application/problem+json": infer Body } } ? Body : never;

/** Every problem that any operation may answer. */
export type Problem = Answers extends infer All
  ? All extends unknown
    ? Refused<All[keyof All]>
    : never
  : never;
export type ProblemCode = Problem["code"];

/** Why an upload was refused for good. */
export type RejectedReason = Schemas["DocumentRejectedProblem"]["reason"];

/** Thrown by `answered` for what is not 2xx. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly problem: Problem,
    /** Seconds until it makes sense to ask again; always there for 429 and 503. */
    readonly retryAfter: number | undefined,
  ) {
    super(`${problem.status} ${problem.code}`); // detail is for people, the id for support
  }
}

/** Return what an answer holds, for callers that handle problems in one place, by `catch`. */
export async function answered<Data>(
  call: Promise<{ data?: Data; error?: Problem; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (error) throw new ProblemError(error, retryAfter(response));
  return data as Data;
}

/** Return the seconds of `Retry-After`, if there is one. */
export function retryAfter(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** Return the problem that an answer holds, and leave the answer to be read. */
export async function problemIn(response: Response): Promise<Problem | undefined> {
  if (!isOfType(response, "application/problem+json")) return undefined;
  return (await response.clone().json()) as Problem;
}

export function isOfType(response: Response, type: string): boolean {
  return response.headers.get("Content-Type")?.split(";")[0]?.trim() === type;
}
