import { expect, test } from 'vitest';
import { isPin, pinOf } from './PinField';

test('digits of every keyboard are read, and nothing else', () => {
  expect(pinOf('482915')).toBe('482915');
  expect(pinOf('٤٨٢٩١٥')).toBe('482915');
  expect(pinOf('۴۸۲۹۱۵')).toBe('482915');
  expect(pinOf(' 48-29 x15')).toBe('482915');
  expect(pinOf('123456789')).toBe('12345678');
});

test('a PIN has four to eight digits', () => {
  expect(['123', '1234', '12345678'].map(isPin)).toEqual([false, true, true]);
});
