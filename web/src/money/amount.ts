import type { Currency } from './currency';
import { fromMinor, toMinor } from './money';

// The one reader of amounts that people type: in Send, adjustments, limits, refunds, filters, links.

export type AmountError =
  'required' | 'format' | 'grouping' | 'ambiguous' | 'digits' | 'zero' | 'large';
export type ParsedAmount =
  | { ok: true; minor: bigint }
  | { ok: false; error: Exclude<AmountError, 'ambiguous'> }
  /** Both amounts that the text may mean. */
  | { ok: false; error: 'ambiguous'; readings: [grouped: bigint, decimal: bigint] };

type Scale = Pick<Currency, 'digits' | 'maximum'>;
type Separators = { decimal: '.' | ','; indian: boolean };

const kSpaces = /[\s\u00a0\u2009\u202f]/g;
// Marks that only steer the direction of text, as they come along when an amount is copied.
const kUnseen = /[\u061c\u200e\u200f\u2066-\u2069\ufeff]/g;
const kGroupMark = '\u066c';
const kDecimalMark = '\u066b';
const kArabicComma = '\u060c';
const kMaxLength = 64;

const separators = new Map<string, Separators>();

/** Which of point and comma a place writes before the fraction, and whether it groups as India. */
function separatorsOf(locale: string): Separators {
  let made = separators.get(locale);
  if (!made) {
    const parts = new Intl.NumberFormat(locale).formatToParts(12345678.5);
    const groups = parts.filter(({ type }) => type === 'integer').map(({ value }) => value.length);
    made = {
      decimal: parts.some(({ type, value }) => type === 'decimal' && value === ',') ? ',' : '.',
      indian: groups.length === 4,
    };
    separators.set(locale, made);
  }
  return made;
}

/** Arabic-Indic and Persian digits as ASCII; nothing else changes. */
export function toAsciiDigits(text: string): string {
  return text
    .replace(/[\u0660-\u0669]/g, (c) => String(c.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (c) => String(c.charCodeAt(0) - 0x06f0));
}

/** The digits of a number in groups, or null when they are not proper groups. */
function ungroup(text: string, indian: boolean): string | null {
  const groups = text.split(/\D/);
  const [first = '', ...rest] = groups;
  const last = rest.at(-1);
  // A zero begins no number that is long enough to be grouped.
  if (last === undefined || first === '' || first.startsWith('0')) return null;
  const byThree = first.length <= 3 && rest.every((group) => group.length === 3);
  const byTwo =
    indian &&
    first.length <= 2 &&
    last.length === 3 &&
    rest.slice(0, -1).every((group) => group.length === 2);
  return byThree || byTwo ? groups.join('') : null;
}

function amountOf(whole: string, fraction: string, { digits, maximum }: Scale): ParsedAmount {
  if (fraction.length > digits) return { ok: false, error: 'digits' };
  const minor = toMinor(`${whole || '0'}${fraction ? `.${fraction}` : ''}`, digits);
  if (minor > maximum) return { ok: false, error: 'large' };
  return minor === 0n ? { ok: false, error: 'zero' } : { ok: true, minor };
}

type Plain = { whole: string; fraction: string };

/** The text read with its last separator as the decimal one, when it can be that. */
function asFraction(text: string, indian: boolean): Plain | null {
  const at = text.search(/\D\d*$/);
  const mark = text.charAt(at);
  if (mark === ' ' || mark === kGroupMark || text.indexOf(mark) !== at) return null;
  const whole = text.slice(0, at);
  const fraction = text.slice(at + 1);
  // "12." is an amount that is still being written; a comma at the end says nothing.
  if (fraction === '' && (whole === '' || mark === ',')) return null;
  const kinds = new Set(whole.match(/\D/g));
  if (kinds.size === 0) return { whole, fraction };
  const digits = kinds.size === 1 && !kinds.has(kDecimalMark) ? ungroup(whole, indian) : null;
  return digits === null ? null : { whole: digits, fraction };
}

/**
 * Reads an amount without guessing what a separator means. Groups must be groups, all by the same
 * separator. A text that is two different amounts, such as "1,250" where a currency has three
 * digits, is refused with both.
 */
export function parseAmount(input: string, scale: Scale, locale: string): ParsedAmount {
  const text = toAsciiDigits(input.replace(kUnseen, '').trim())
    .replace(kSpaces, ' ')
    .replaceAll(kArabicComma, ',');
  if (text === '') return { ok: false, error: 'required' };
  if (text.length > kMaxLength || !/^[\d.,\u066b\u066c ]+$/.test(text) || !/\d/.test(text))
    return { ok: false, error: 'format' };

  const marks = text.match(/\D/g) ?? [];
  if (marks.length === 0) return amountOf(text, '', scale);
  const { decimal, indian } = separatorsOf(locale);
  const fits = asFraction(text, indian);
  const grouped =
    new Set(marks).size === 1 && marks[0] !== kDecimalMark ? ungroup(text, indian) : null;

  if (grouped === null) {
    if (fits) return amountOf(fits.whole, fits.fraction, scale);
    const grouping = marks.some((mark) => mark !== decimal && mark !== kDecimalMark);
    return { ok: false, error: grouping ? 'grouping' : 'format' };
  }
  // A single separator before three digits may be either; the place's own decimal one never groups.
  if (fits && marks[0] === decimal) return amountOf(fits.whole, fits.fraction, scale);
  if (!fits || fits.fraction.length > scale.digits) return amountOf(grouped, '', scale);
  const readings = [grouped, `${fits.whole}.${fits.fraction}`] as const;
  return {
    ok: false,
    error: 'ambiguous',
    readings: [toMinor(readings[0], scale.digits), toMinor(readings[1], scale.digits)],
  };
}

/** An amount as a person in this place would type it: all its digits, no groups. */
export function amountText(minor: bigint, { digits }: { digits: number }, locale: string): string {
  return new Intl.NumberFormat(locale, {
    useGrouping: false,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(fromMinor(minor, digits) as `${number}`);
}

/** The keys of the amount keypad as this place writes them: ten digits and the decimal separator. */
export function keysOf(locale: string): { digits: string[]; point: string } {
  const format = new Intl.NumberFormat(locale, { useGrouping: false });
  const decimal = new Intl.NumberFormat(locale)
    .formatToParts(1.1)
    .find(({ type }) => type === 'decimal');
  return {
    digits: Array.from({ length: 10 }, (_, digit) => format.format(digit)),
    point: decimal?.value ?? '.',
  };
}

/**
 * Adds one key of the keypad ('0' to '9', '.', 'back') to the text so far, written as this place
 * writes it; a key that would make it invalid does nothing.
 */
export function pressKey(text: string, key: string, scale: Scale, locale: string): string {
  if (key === 'back') return text.slice(0, -1);
  const { digits: numerals, point } = keysOf(locale);
  const [whole = '', fraction] = toAsciiDigits(text).split(/[.,\u066b]/);
  if (key === '.') {
    if (scale.digits === 0 || fraction !== undefined) return text;
    return (text === '' ? (numerals[0] ?? '0') : text) + point;
  }
  const numeral = numerals[Number(key)] ?? key;
  if (fraction !== undefined) return fraction.length >= scale.digits ? text : text + numeral;
  if (whole === '0') return numeral;
  return BigInt(`${whole.replace(/\D/g, '')}${key}`) * 10n ** BigInt(scale.digits) > scale.maximum
    ? text
    : text + numeral;
}
