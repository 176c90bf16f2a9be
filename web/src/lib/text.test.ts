import { expect, test } from 'vitest';
import { plainText } from './text';

test('leaves out what came along unseen', () => {
  expect(plainText(' \u2068منى\u2069 \u200f شكرا\ufeff ')).toBe('منى  شكرا');
  expect(plainText('\u200b')).toBe('');
});

test('keeps what belongs to the writing', () => {
  const joined = 'می\u200cخواهم 👩\u200d🚀';
  expect(plainText(joined)).toBe(joined);
});
