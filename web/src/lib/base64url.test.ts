import { expect, test } from 'vitest';
import { fromBase64url, toBase64url } from './base64url';

// RFC 4648, section 10, and the two characters that differ.
test.each([
  [[], ''],
  [[102], 'Zg'],
  [[102, 111], 'Zm8'],
  [[102, 111, 111], 'Zm9v'],
  [[251, 255, 191], '-_-_'],
])('%j is %s', (bytes, text) => {
  expect(toBase64url(Uint8Array.from(bytes).buffer)).toBe(text);
  expect([...fromBase64url(text)]).toEqual(bytes);
});
