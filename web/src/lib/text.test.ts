import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plainText } from './text';

test('leaves out what came along unseen', () => {
  expect(plainText(' \u2068منى\u2069 \u200f شكرا\ufeff ')).toBe('منى  شكرا');
  expect(plainText('\u200b')).toBe('');
});

test('leaves the API nothing to refuse but control characters', () => {
  const openapi = readFileSync(new URL('../../../api/openapi.yaml', import.meta.url), 'utf8');
  const pattern = /\n {4}Note:[^]*?pattern: '(.*)'/.exec(openapi)?.[1] ?? '';
  const allowed = new RegExp(pattern, 'u');
  expect(allowed.test('\u2068')).toBe(false);
  for (let code = 0xa0; code < 0xd800; code += 1) {
    const text = `a${String.fromCharCode(code)}b`;
    expect(plainText(text) === text, code.toString(16)).toBe(allowed.test(text));
  }
});

test('keeps what belongs to the writing', () => {
  const joined = 'می\u200cخواهم 👩\u200d🚀';
  expect(plainText(joined)).toBe(joined);
});
