import { reportReachable, reportUnreachable } from '../app/connectivity';
import { accessToken, refreshAfter } from '../session/session';
import { ApiError } from './error';
import { parseJson } from './json';
import type { Problem } from './types';

export type Query = Record<string, string | number | undefined | null>;
export type RequestOptions = {
  query?: Query | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
};

const kTimeoutMs = 15_000;

export function urlOf(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

export async function errorOf(response: Response): Promise<ApiError> {
  let problem: Partial<Problem> = {};
  try {
    problem = parseJson(await response.text()) as Partial<Problem>;
  } catch {
    // A proxy's own error page: the status is all there is.
  }
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiError(
    problem.code ?? (response.status >= 500 ? 'unavailable' : 'unexpected'),
    response.status,
    problem,
    retryAfter > 0 ? retryAfter * 1000 : null,
  );
}

/** fetch with a deadline; a failure to reach the server is an ApiError with status 0. */
export async function send(
  url: string,
  init: RequestInit,
  timeoutMs = kTimeoutMs,
): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const abort = () => timeout.abort();
  init.signal?.addEventListener('abort', abort);
  try {
    const response = await fetch(url, {
      ...init,
      signal: timeout.signal,
      credentials: 'same-origin',
    });
    if (response.status === 502 || response.status === 504) reportUnreachable();
    else reportReachable();
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    reportUnreachable();
    throw new ApiError(timeout.signal.aborted ? 'timeout' : 'network', 0);
  } finally {
    clearTimeout(timer);
    init.signal?.removeEventListener('abort', abort);
  }
}

/** A request with the access token; an expired one is renewed once and the request repeated. */
export async function request(
  method: string,
  path: string,
  { query, body, headers, signal, timeoutMs }: RequestOptions = {},
): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const token = await accessToken();
    const response = await send(
      urlOf(path, query),
      {
        method,
        headers: {
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      },
      timeoutMs,
    );
    if (response.ok) return response;
    if (response.status === 401 && attempt === 0 && (await refreshAfter(token))) continue;
    throw await errorOf(response);
  }
}

export async function call<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
  const response = await request(method, path, options);
  const text = await response.text();
  return (text ? parseJson(text) : undefined) as T;
}
