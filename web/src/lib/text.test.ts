import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plainText } from './text';

test('leaves out what came along unseen', () => {
  expect(plainText(' \u2068منى\u2069 \u200f شكرا\ufeff ')).toBe('منى  شكرا');
  expect(plainText('\u200b')).toBe('');
});

test('leaves nothing of what cannot be seen', () => {
  for (const unseen of [
    ...['\u00a0', '\u3000', '\u200d', '\u200c', '\u3164', '\uffa0', '\u115f', '\u1160', '\u2800'],
    ...['\u00ad', '\u034f', '\ufe0f', '\ufe00', '\u180e', '\u061c', '\u2003', '\ufeff', '\u0085'],
    ...['\u{e0001}', '\u{e0041}', '\u{e0100}', '\u{1d159}'],
  ]) {
    expect(plainText(unseen)).toBe('');
    expect(plainText(`Omar${unseen}`)).toBe('Omar');
    expect(plainText(`${unseen} Omar`)).toBe('Omar');
  }
});

test('leaves the API nothing to refuse but control characters', () => {
  const openapi = readFileSync(new URL('../../../api/openapi.yaml', import.meta.url), 'utf8');
  const pattern = /\n {4}Note:[^]*?pattern: '(.*)'/.exec(openapi)?.[1] ?? '';
  const allowed = new RegExp(pattern, 'u');
  expect(allowed.test('\u2068')).toBe(false);
  for (let code = 0xa0; code < 0xfffe; code += 1) {
    if (code >= 0xd800 && code < 0xf900) continue; // surrogates, private use: nothing types them
    // Allowed where they do something; noncharacters are the server's to refuse.
    if ([0x200c, 0x200d, 0xfe0e, 0xfe0f].includes(code) || (code >= 0xfdd0 && code < 0xfdf0))
      continue;
    const text = `a${String.fromCharCode(code)}b`;
    expect(plainText(text) === text, code.toString(16)).toBe(allowed.test(text));
  }
});

test('keeps what belongs to the writing', () => {
  for (const joined of [
    'می\u200cخواهم 👩\u200d🚀',
    'क्\u200dष',
    '❤\ufe0f\u200d🔥',
    '1\ufe0f\u20e3',
    '👍🏽',
  ])
    expect(plainText(joined)).toBe(joined);
});
