// The one way to the REST API: JSON in and out, the CSRF token on every unsafe call, every failure a `Problem`.

import { signal } from "@preact/signals";
import type { DiagramProblem, Session } from "./records";

const BASE = "/api/v1";

export interface FieldError {
  field: string;
  message: string;
}

interface ProblemBody {
  type?: string;
  title?: string;
  detail?: string;
  request_id?: string;
  errors?: FieldError[];
  problems?: DiagramProblem[];
  [name: string]: unknown;
}

/** An answer that is not a success, read from problem+json. `status` 0: the server could not be reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly requestId: string | null;
  readonly errors: FieldError[];
  readonly problems: DiagramProblem[];
  readonly extra: { [name: string]: unknown };

  constructor(status: number, body: ProblemBody) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = (body.type ?? "").split(":").pop() || "unknown";
    this.title = body.title ?? "";
    this.requestId = body.request_id ?? null;
    this.errors = body.errors ?? [];
    this.problems = body.problems ?? [];
    this.extra = body;
  }
}

/** True once the server no longer knows who we are; the shell then shows the sign-in page. */
export const signedOut = signal(false);

let csrfToken = "";

/** The shell calls this with each session it gets: later unsafe calls carry the session's CSRF token. */
export function useSession(session: Session | null): void {
  csrfToken = session?.csrf_token ?? "";
  if (session) signedOut.value = false;
}

export type Query = { [name: string]: string | number | boolean | null | undefined };

export interface CallOptions {
  query?: Query | undefined;
  signal?: AbortSignal | undefined;
}

function address(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return BASE + path + (text ? `?${text}` : "");
}

async function body(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined;
  const type = answer.headers.get("Content-Type") ?? "";
  return type.includes("json") ? answer.json() : answer.text();
}

async function failure(answer: Response): Promise<Problem> {
  try {
    const found = await body(answer);
    if (found && typeof found === "object") return new Problem(answer.status, found as ProblemBody);
  } catch {
    // An answer that is no JSON (a proxy's page) still has a status to tell.
  }
  return new Problem(answer.status, { title: answer.statusText });
}

async function call<T>(method: string, path: string, sent: unknown, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  let payload: BodyInit | null = null;
  if (sent instanceof FormData || sent instanceof Blob) {
    payload = sent;
  } else if (sent !== undefined) {
    headers["Content-Type"] = "application/json";
    payload = JSON.stringify(sent);
  }
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;

  try {
    const answer = await fetch(address(path, options.query), {
      method,
      headers,
      body: payload,
      credentials: "same-origin",
      signal: options.signal ?? null,
    });
    if (answer.ok) return (await body(answer)) as T;
    // A refused sign-in is the sign-in page's business; everywhere else 401 means the session is over.
    if (answer.status === 401 && path !== "/session") signedOut.value = true;
    throw await failure(answer);
  } catch (fault) {
    if (fault instanceof Problem || (fault instanceof DOMException && fault.name === "AbortError")) throw fault;
    // Not reached, or gone before the answer was whole.
    throw new Problem(0, { type: "urn:signalbox:problem:unreachable", title: "The server does not answer." });
  }
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, undefined, { query, signal });

export const post = <T>(path: string, sent?: unknown, options?: CallOptions): Promise<T> =>
  call<T>("POST", path, sent, options);

export const put = <T>(path: string, sent: unknown, options?: CallOptions): Promise<T> =>
  call<T>("PUT", path, sent, options);

export const del = <T>(path: string, query?: Query): Promise<T> => call<T>("DELETE", path, undefined, { query });
