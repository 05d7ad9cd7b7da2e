/** The service's API, typed by its own description. */

import type { Client } from "openapi-fetch";

import { Offline, Refusal } from "../problems";
import { accessToken, forget, who } from "../session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

let language = "zh-CN";

/** In which language the service answers from now on. */
export function speak(next: string): void {
  language = next;
}

interface Given {
  params?: { path?: Record<string, unknown>; query?: Record<string, unknown>; header?: Record<string, unknown> };
  body?: unknown;
  headers?: Record<string, string>;
  parseAs?: "json" | "text" | "blob";
}

function address(path: string, { path: parts = {}, query = {} }: NonNullable<Given["params"]>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) asked.append(name, String(each));
    }
  }
  const text = asked.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

/** One request, with the session's token and the reader's language; what comes back is not read yet. */
async function request(
  method: string, path: string, body: unknown, headers: Record<string, string>, as?: string | null,
): Promise<Response> {
  const token = await accessToken();
  // somebody else has come meanwhile: what one has packed another does not send
  if (as !== undefined && as !== who()) throw new Offline();
  const form = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        "Accept-Language": language,
        ...(body === undefined || form ? {} : { "Content-Type": "application/json" }),
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined || form ? (body as FormData | undefined) : JSON.stringify(body),
      // there are no cookies; this is how the page's own preload asks, whose answer is then taken, signed in or not
      credentials: "same-origin",
    });
  } catch {
    throw new Offline();
  }
  if (response.status === 401 && token !== null) forget();
  return response;
}

/** The JSON of an answer; null where there is none, or a proxy's page stands in its place. */
async function json(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => {
    throw new Offline();
  });
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

const verb = (method: string) => async (path: string, given: Given = {}) => {
  const headers = { ...given.headers };
  for (const [name, value] of Object.entries(given.params?.header ?? {})) {
    if (value !== undefined && value !== null) headers[name] = String(value);
  }
  const response = await request(method, address(path, given.params ?? {}), given.body, headers);
  if (!response.ok) return { error: await json(response), response };
  if (given.parseAs === "blob") return { data: await response.blob(), response };
  if (given.parseAs === "text") return { data: await response.text(), response };
  return { data: await json(response), response };
};

/**
 * Calls by method and path, `api.GET("/api/v1/rounds/{round_id}", { params: { path: { round_id } } })`; `answer` takes what
 * comes back. Typed as openapi-fetch types its own, whose code would be a twentieth of what the first screen may weigh.
 */
export const api = {
  GET: verb("GET"), POST: verb("POST"), PUT: verb("PUT"), PATCH: verb("PATCH"), DELETE: verb("DELETE"),
} as unknown as Pick<Client<paths>, "GET" | "POST" | "PUT" | "PATCH" | "DELETE">;

/**
 * The body of an answer.
 *
 * @throws Refusal the service said no, in words for the reader
 * @throws Offline the line was lost
 */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw new Refusal(response.status, (error ?? {}) as Record<string, unknown>, response.headers.get("Retry-After"));
}

/**
 * Any call by method and path, for what waits in the outbox.
 *
 * @param as the account in whose name alone it may go
 * @throws Refusal, Offline as `answer`
 */
export async function send(
  method: string, path: string, body: unknown, headers: Record<string, string>, as?: string | null,
): Promise<unknown> {
  const response = await request(method, path, body, headers, as);
  return answer(json(response).then((read) => ({ data: read, error: read, response })));
}
