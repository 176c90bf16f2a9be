import { expect, test } from 'vitest';
import { anyPassword, displayName, email, newPassword, optionalName, username } from './checks';

test('what is typed is sent as it was meant', () => {
  expect(email(' Nour@Example.com\u200f')).toEqual({ text: 'nour@example.com', code: undefined });
  expect(username('Nour_1 ')).toEqual({ text: 'nour_1', code: undefined });
  expect(displayName(' Nour ')).toEqual({ text: 'Nour', code: undefined });
  // A password is what was typed, with its blanks.
  expect(newPassword(' 1234567 ')).toEqual({ text: ' 1234567 ', code: undefined });
});

test('the first thing wrong has its code', () => {
  expect(['', 'nour', `${'n'.repeat(250)}@e.eg`].map((typed) => email(typed).code)).toEqual([
    'required',
    'email',
    'too_long',
  ]);
  expect(['', 'ab', '-abc', 'a b c'].map((typed) => username(typed).code)).toEqual([
    'required',
    'username',
    'username',
    'username',
  ]);
  expect([displayName('').code, optionalName('').code]).toEqual(['required', undefined]);
  expect(optionalName('n'.repeat(65)).code).toBe('too_long');
  expect([anyPassword('').code, anyPassword('x').code]).toEqual(['required', undefined]);
});

test('a new password is counted as the server hashes it', () => {
  expect(newPassword('').code).toBe('required');
  expect(newPassword('1234567').code).toBe('password_short');
  // One sign in the normal form is fewer than it was typed with.
  expect(newPassword('e\u0301'.repeat(7)).code).toBe('password_short');
  expect(newPassword('ك'.repeat(36)).code).toBeUndefined();
  expect(newPassword('ك'.repeat(37)).code).toBe('password_long');
});
