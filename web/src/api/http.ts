import { reportReachable, reportUnreachable } from '../app/connectivity';
import { currency, knownCurrency } from '../money/currency';
import { accessToken, refreshAfter } from '../session/session';
import { askForFactor, type Approving } from '../session/stepUp';
import { ApiError } from './error';
import { decode, type Schemas } from './json';
import type { Problem } from './types';

export type Query = Record<string, string | number | undefined | null>;
type RequestOptions = {
  query?: Query | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Of a payment, which a passkey may approve by itself: the assertion goes into the body. */
  approving?: Approving;
};

const kTimeoutMs = 15_000;
/** A payment may wait for the commit of a busy ledger longer than a page does for its data. */
export const kMoneyTimeoutMs = 20_000;

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
    problem = decode(await response.text(), 'Problem', knownCurrency()?.digits ?? null);
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

/** What a 401 says of what was typed or shown, and not of the access token. */
const kOfWhatWasTyped = [
  'invalid_credentials',
  'factor_code_invalid',
  'passkey_invalid',
  'passkey_copied',
  'challenge_invalid',
  'pin_wrong',
];

/**
 * A request with the access token. An expired one is renewed once and the request repeated; where a
 * second factor is asked for once more, it is repeated after that was shown.
 */
export async function request(
  method: string,
  path: string,
  { query, body, headers, signal, timeoutMs, approving }: RequestOptions = {},
): Promise<Response> {
  let sent = body;
  let renewed = false;
  let shown: 'nothing' | 'pin' | 'factor' = 'nothing';
  for (;;) {
    const token = await accessToken();
    const response = await send(
      urlOf(path, query),
      {
        method,
        headers: {
          Accept: 'application/json',
          ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
        ...(signal ? { signal } : {}),
      },
      timeoutMs,
    );
    if (response.ok) return response;
    const error = await errorOf(response);
    if (error.status === 401 && !renewed && !kOfWhatWasTyped.includes(error.code)) {
      renewed = true;
      if (await refreshAfter(token)) continue;
    }
    const isAbovePin = error.code === 'pin_limit' && shown !== 'factor';
    if (isAbovePin || (error.code === 'step_up_required' && shown === 'nothing')) {
      const enough = error.problem.accepts?.includes('pin') ?? false;
      const pin = isAbovePin ? 'above' : enough ? 'enough' : 'refused';
      const proof = await askForFactor({ approving, pin });
      shown = proof === 'pin' ? 'pin' : 'factor';
      if (typeof proof === 'object') sent = { ...(body as object), passkey: proof };
      if (proof) continue;
    }
    throw error;
  }
}

/** An answer that cannot be read says nothing of what was done. */
export async function read<Name extends keyof Schemas>(
  response: Response,
  name: Name,
): Promise<Schemas[Name]> {
  try {
    return decode(await response.text(), name, currency().digits);
  } catch {
    throw new ApiError('unreadable', response.status);
  }
}

/** Asks, and reads the answer by its schema in api/openapi.yaml. */
export async function call<Name extends keyof Schemas>(
  name: Name,
  method: string,
  path: string,
  options?: RequestOptions,
): Promise<Schemas[Name]> {
  return read(await request(method, path, options), name);
}

/** A file and the name that the server gives it; one that breaks off on its way is an error. */
export async function file(path: string, options?: RequestOptions) {
  const response = await request('GET', path, options);
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
  try {
    return { blob: await response.blob(), name };
  } catch {
    throw new ApiError('network', 0);
  }
}

/** Asks for something that is answered without a body. */
export async function command(method: string, path: string, body?: unknown): Promise<void> {
  await request(method, path, body === undefined ? {} : { body });
}
