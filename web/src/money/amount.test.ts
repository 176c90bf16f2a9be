import { describe, expect, test } from 'vitest';
import { amountText, keysOf, parseAmount, pressKey } from './amount';
import { fromMinor } from './money';

const kMaximum = 9_000_000_000_000_000n;
const scaleOf = (digits: number) => ({ digits, maximum: kMaximum });
const read = (text: string, digits = 2, locale = 'en-GB') =>
  parseAmount(text, scaleOf(digits), locale);

describe('what is one amount is read', () => {
  test.each([
    ['12', 1200n],
    ['12.5', 1250n],
    ['12.', 1200n],
    ['.5', 50n],
    [',5', 50n],
    ['1,000.50', 100050n],
    ['1.000,50', 100050n],
    ['1 000,50', 100050n],
    ['1\u00a0000.5', 100050n],
    ['1,000', 100000n],
    ['1,250', 125000n],
    ['1,000,000', 100000000n],
    ['1.000.000', 100000000n],
    ['12,5', 1250n],
    ['0,50', 50n],
    ['1000,25', 100025n],
    [' 1 000 ', 100000n],
    ['\u200f12.50\u200f', 1250n],
    ['\u066112', 11200n],
    ['١٢٫٥٠', 1250n],
    ['١٢.٥', 1250n],
    ['١٢،٥', 1250n],
    ['۱۲٫۵', 1250n],
    ['١٬٠٠٠٫٢٥', 100025n],
    ['١٬٢٥٠', 125000n],
    ['007', 700n],
  ])('%j', (text, minor) => {
    expect(read(text)).toEqual({ ok: true, minor });
    expect(read(text, 2, 'ar-EG')).toEqual({ ok: true, minor });
  });

  test.each([
    ['1.250', 1250n],
    ['0,500', 500n],
    ['0.500', 500n],
    ['1234,567', 1234567n],
    ['1,250.5', 1250500n],
    ['1,250,000', 1250000000n],
    ['١٫٢٥٠', 1250n],
    ['١٬٢٥٠', 1250000n],
    ['1,25', 1250n],
  ])('%j where there are three digits', (text, minor) =>
    expect(read(text, 3)).toEqual({ ok: true, minor }),
  );

  test('a currency without digits', () => {
    expect(read('1,250', 0)).toEqual({ ok: true, minor: 1250n });
    expect(read('12.', 0)).toEqual({ ok: true, minor: 12n });
  });

  test('Indian groups where the place has them, and threes everywhere', () => {
    expect(read('12,34,567.5', 2, 'en-IN')).toEqual({ ok: true, minor: 123456750n });
    expect(read('1,234,567', 2, 'en-IN')).toEqual({ ok: true, minor: 123456700n });
    expect(read('12,34,567')).toEqual({ ok: false, error: 'grouping' });
    expect(read('123,45,678', 2, 'en-IN')).toEqual({ ok: false, error: 'grouping' });
  });

  test('the place decides which separator never groups', () => {
    expect(read('1,250', 3, 'de-DE')).toEqual({ ok: true, minor: 1250n });
    expect(read('1.250', 2, 'de-DE')).toEqual({ ok: true, minor: 125000n });
    expect(read('1.250', 3, 'de-DE')).toMatchObject({ ok: false, error: 'ambiguous' });
  });
});

describe('what is not, is refused with a reason', () => {
  test.each([
    ['', 'required'],
    [' \u200f ', 'required'],
    ['0', 'zero'],
    ['0.00', 'zero'],
    ['0,00', 'zero'],
    ['1.234', 'digits'],
    // A leading zero begins no group: never five hundred.
    ['0,500', 'digits'],
    ['1000,000', 'digits'],
    ['1 000,000', 'digits'],
    ['-5', 'format'],
    ['+5', 'format'],
    ['1e3', 'format'],
    ['1.2.3', 'format'],
    ['1٫2٫3', 'format'],
    ['NaN', 'format'],
    ['12 EGP', 'format'],
    ['.', 'format'],
    ['1'.repeat(65), 'format'],
    ['12 50', 'grouping'],
    ['12 5', 'grouping'],
    ['1,2,3', 'grouping'],
    ['1,0000', 'digits'],
    ['10,00,000', 'grouping'],
    ['1 000,000 000', 'grouping'],
    ['1,000 000', 'grouping'],
    ['1٬25', 'grouping'],
    ['0,500,000', 'grouping'],
    ['٠٬٥٠٠', 'grouping'],
    ['12,', 'grouping'],
    ['1  000', 'grouping'],
    ['1,000.5.5', 'grouping'],
    ['90000000000000.01', 'large'],
    ['1234567890123456', 'large'],
  ])('%j is %s', (text, error) => {
    expect(read(text)).toEqual({ ok: false, error });
  });

  test('two readings are refused with both of them', () => {
    expect(read('1,250', 3)).toEqual({
      ok: false,
      error: 'ambiguous',
      readings: [1_250_000n, 1_250n],
    });
    expect(read('١،٢٥٠', 3, 'ar-EG')).toMatchObject({ error: 'ambiguous' });
    expect(read('1,250', 4)).toMatchObject({ readings: [12_500_000n, 12_500n] });
  });

  test('and both, written again, are read as they are', () => {
    for (const locale of ['en-GB', 'ar-EG'])
      for (const minor of [1_250_000n, 1_250n]) {
        const text = amountText(minor, { digits: 3 }, locale);
        expect(read(text, 3, locale)).toEqual({ ok: true, minor });
      }
  });
});

test('no text is read as two different amounts, whatever the separators', () => {
  const marks = ['.', ',', ' ', '\u066b', '\u066c'];
  const parts = ['', '0', '5', '12', '50', '125', '1250'];
  for (const a of parts)
    for (const mark of marks)
      for (const b of parts)
        for (const digits of [0, 2, 3, 4]) {
          const parsed = read(`${a}${mark}${b}`, digits);
          // A blank at an end is none of the number.
          if (!parsed.ok || (mark === ' ' && (a === '' || b === ''))) continue;
          const whole = a || '0';
          const group = /^[1-9]\d{0,2}$/.test(a) && b.length === 3;
          const meant = [
            ...(group && mark !== '\u066b' ? [BigInt(a + b) * 10n ** BigInt(digits)] : []),
            ...(b.length <= digits && mark !== ' ' && mark !== '\u066c'
              ? [BigInt(whole + b.padEnd(digits, '0'))]
              : []),
          ];
          expect(meant, `${a}${mark}${b} of ${digits}`).toContain(parsed.minor);
        }
});

describe('the keypad', () => {
  const type = (keys: string, digits = 2, locale = 'en-GB') =>
    Array.from(keys).reduce((text, key) => pressKey(text, key, scaleOf(digits), locale), '');

  test('never makes an amount that is not one', () => {
    expect(type('12.345')).toBe('12.34');
    expect(type('.5')).toBe('0.5');
    expect(type('007')).toBe('7');
    expect(type('1..2')).toBe('1.2');
    expect(type('5.', 0)).toBe('5');
    expect(type('9'.repeat(30))).toBe('9'.repeat(13));
    expect(pressKey('12.3', 'back', scaleOf(2), 'en-GB')).toBe('12.');
    expect(pressKey('', 'back', scaleOf(2), 'en-GB')).toBe('');
  });

  test('writes the digits it shows', () => {
    expect(keysOf('ar-EG').digits.join('')).toBe('٠١٢٣٤٥٦٧٨٩');
    expect(type('12.345', 2, 'ar-EG')).toBe('١٢٫٣٤');
    expect(type('.5', 2, 'ar-EG')).toBe('٠٫٥');
    expect(read(type('1250.75', 2, 'ar-EG'), 2, 'ar-EG')).toEqual({ ok: true, minor: 125075n });
  });
});

test('an amount put into a field is what a person there would type', () => {
  expect(amountText(4550n, { digits: 2 }, 'en-GB')).toBe('45.50');
  expect(amountText(125050n, { digits: 2 }, 'ar-EG')).toBe('١٢٥٠٫٥٠');
  expect(amountText(kMaximum, { digits: 4 }, 'en-GB')).toBe(fromMinor(kMaximum, 4));
});
