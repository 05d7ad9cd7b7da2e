/** The service's API, typed by its own description. */

import createClient, { type Middleware } from "openapi-fetch";

import { Offline, Refusal } from "../problems";
import { accessToken, forget } from "../session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

let language = "zh-CN";

/** In which language the service answers from now on. */
export function speak(next: string): void {
  language = next;
}

const door: Middleware = {
  async onRequest({ request }) {
    request.headers.set("Accept-Language", language);
    const token = await accessToken();
    if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.status === 401 && request.headers.has("Authorization")) forget();
    return undefined;
  },
  onError({ error }) {
    return error instanceof Refusal ? error : new Offline();
  },
};

/** Calls by method and path; `answer` takes what comes back. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: "omit" });
api.use(door);

/**
 * The body of an answer.
 *
 * @throws Refusal the service said no, in words for the reader
 * @throws Offline the line was lost
 */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) {
    throw new Refusal(response.status, (error ?? {}) as Record<string, unknown>, response.headers.get("Retry-After"));
  }
  return data as T;
}

/** Any call by method and path, for what waits in the outbox. */
export async function send(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<unknown> {
  const token = await accessToken();
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        "Accept-Language": language,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    throw new Offline();
  }
  const text = await response.text().catch(() => "");
  let parsed: unknown = null;
  try {
    parsed = text === "" ? null : JSON.parse(text);
  } catch {
    // a proxy's page, not the service's answer
  }
  if (response.ok) return parsed;
  if (response.status === 401 && token !== null) forget();
  throw new Refusal(response.status, (parsed ?? {}) as Record<string, unknown>, response.headers.get("Retry-After"));
}
