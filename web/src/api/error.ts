import type { FieldError, Problem } from './types';

/** Every way a request can fail. `network` and `timeout` mean that nothing is known of the outcome. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: string,
    readonly status: number,
    readonly problem: Partial<Problem> = {},
    readonly retryAfterMs: number | null = null,
  ) {
    super(`${status} ${code}`);
  }

  get fields(): FieldError[] {
    return this.problem.errors ?? [];
  }
}

const kTransient = new Set([0, 408, 429, 502, 503, 504]);

/** True when the same request may succeed later; a payment is then repeated with its own key. */
export function isTransient(error: unknown): boolean {
  return error instanceof ApiError && kTransient.has(error.status);
}

export const isCode = (error: unknown, ...codes: string[]): error is ApiError =>
  error instanceof ApiError && codes.includes(error.code);

export const isStatus = (error: unknown, ...status: number[]): error is ApiError =>
  error instanceof ApiError && status.includes(error.status);
