// Money is a decimal string on the wire and a bigint of minor units in arithmetic: never a float.

/** A decimal amount exactly as the API writes it, such as "1000.00" or "-3.50". */
export type Money = string;

const kDecimal = /^(-?)(\d+)(?:\.(\d+))?$/;
/** More integer digits than an int64 of minor units can hold are refused before they are sent. */
const kMaxIntegerDigits = 15;

export function toMinor(amount: Money, digits: number): bigint {
  const match = kDecimal.exec(amount);
  const fraction = match?.[3] ?? '';
  if (!match || fraction.length > digits) throw new RangeError(`not an amount: ${amount}`);
  const minor = BigInt(`${match[2] ?? ''}${fraction.padEnd(digits, '0')}`);
  return match[1] ? -minor : minor;
}

export function fromMinor(minor: bigint, digits: number): Money {
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export type AmountError = 'required' | 'format' | 'digits' | 'zero' | 'large';
export type ParsedAmount = { ok: true; minor: bigint } | { ok: false; error: AmountError };

/** Arabic-Indic and Persian digits and separators, as people type them, to ASCII. */
export function toAsciiNumber(text: string): string {
  return text
    .replace(/[\u0660-\u0669]/g, (c) => String(c.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (c) => String(c.charCodeAt(0) - 0x06f0))
    .replace(/\u066b/g, '.')
    .replace(/\u066c/g, ',')
    .replace(/[\s\u00a0\u202f\u200e\u200f\u061c]/g, '');
}

/** Reads what a person typed. "1,000.50" groups; a lone comma before 1 or 2 digits is a decimal one. */
export function parseAmount(input: string, digits: number): ParsedAmount {
  let text = toAsciiNumber(input);
  if (text === '') return { ok: false, error: 'required' };
  if (/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) text = text.replace(/,/g, '');
  else if (/^\d+,\d{1,2}$/.test(text)) text = text.replace(',', '.');
  if (text.endsWith('.')) text = text.slice(0, -1);
  if (text.startsWith('.')) text = `0${text}`;
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return { ok: false, error: 'format' };
  if ((match[2] ?? '').length > digits) return { ok: false, error: 'digits' };
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '');
  if (whole.length > kMaxIntegerDigits) return { ok: false, error: 'large' };
  const minor = toMinor(match[2] ? `${whole}.${match[2]}` : whole, digits);
  return minor === 0n ? { ok: false, error: 'zero' } : { ok: true, minor };
}

/** Adds one key of the amount keypad to the text so far; keys that would make it invalid do nothing. */
export function pressKey(text: string, key: string, digits: number): string {
  if (key === 'back') return text.slice(0, -1);
  if (key === '.') {
    if (digits === 0 || text.includes('.')) return text;
    return text === '' ? '0.' : `${text}.`;
  }
  const [whole = '', fraction] = text.split('.');
  if (fraction !== undefined) return fraction.length >= digits ? text : text + key;
  if (whole === '0') return key;
  return whole.length >= kMaxIntegerDigits ? text : text + key;
}

const digitsCache = new Map<string, number>();
export function currencyDigits(currency: string): number {
  let digits = digitsCache.get(currency);
  if (digits === undefined) {
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
        .maximumFractionDigits ?? 2;
    digitsCache.set(currency, digits);
  }
  return digits;
}

const formatters = new Map<string, Intl.NumberFormat>();
function formatter(
  locale: string,
  currency: string,
  options: Intl.NumberFormatOptions,
): Intl.NumberFormat {
  const key = `${locale}|${currency}|${JSON.stringify(options)}`;
  let format = formatters.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...options });
    formatters.set(key, format);
  }
  return format;
}

export type MoneyOptions = { sign?: 'auto' | 'always' | 'never'; compact?: boolean };

function intlOptions({ sign = 'auto', compact = false }: MoneyOptions): Intl.NumberFormatOptions {
  return {
    currencyDisplay: 'code',
    signDisplay: sign === 'always' ? 'exceptZero' : sign,
    ...(compact ? { notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 } : {}),
  };
}

// Intl takes a decimal string and formats it exactly; TypeScript calls that type `${number}`.
const exact = (amount: Money) => amount as `${number}`;

/** Arabic readers know "ج.م." where the Latin page says EGP. */
const display = (locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormatOptions =>
  locale.startsWith('ar') ? { ...options, currencyDisplay: 'symbol' } : options;

export function formatMoney(
  amount: Money,
  currency: string,
  locale: string,
  options: MoneyOptions = {},
): string {
  return formatter(locale, currency, display(locale, intlOptions(options))).format(exact(amount));
}

export type MoneyPart = {
  kind: 'sign' | 'currency' | 'whole' | 'fraction' | 'literal';
  text: string;
};

/** The parts of a formatted amount, so that the page can set the fraction and the code smaller. */
export function moneyParts(
  amount: Money,
  currency: string,
  locale: string,
  options: MoneyOptions = {},
): MoneyPart[] {
  const parts = formatter(locale, currency, display(locale, intlOptions(options))).formatToParts(
    exact(amount),
  );
  const merged: MoneyPart[] = [];
  for (const { type, value } of parts) {
    const kind =
      type === 'minusSign' || type === 'plusSign'
        ? 'sign'
        : type === 'currency'
          ? 'currency'
          : type === 'decimal' || type === 'fraction'
            ? 'fraction'
            : type === 'integer' || type === 'group' || type === 'compact'
              ? 'whole'
              : 'literal';
    const last = merged.at(-1);
    // The true minus sign is as wide as a plus and is read as one.
    const text = type === 'minusSign' ? value.replace('-', '\u2212') : value;
    if (last?.kind === kind) last.text += text;
    else merged.push({ kind, text });
  }
  return merged;
}

/** A step of a count-up from one amount to another; `permille` is 0…1000. */
export function between(from: bigint, to: bigint, permille: number): bigint {
  return from + ((to - from) * BigInt(permille)) / 1000n;
}

export const isNegative = (amount: Money) => amount.startsWith('-');
export const isZero = (amount: Money) => /^-?0+(\.0+)?$/.test(amount);
export const negate = (amount: Money): Money =>
  isNegative(amount) ? amount.slice(1) : isZero(amount) ? amount : `-${amount}`;
