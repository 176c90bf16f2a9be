import { currency, digitsOf } from './currency';

// Money is a decimal text on the wire and a bigint of minor units everywhere else: never a float.

/** Whole minor units of the installation's currency (currency.ts): 12.50 EGP is 1250n. */
export type Money = bigint;

/** An amount as the API writes it, such as "1000.00" or "-3.50". */
export type WireAmount = string;

const kDecimal = /^(-?)(\d+)(?:\.(\d+))?$/;

export function toMinor(amount: WireAmount, digits: number): bigint {
  const match = kDecimal.exec(amount);
  const fraction = match?.[3] ?? '';
  if (!match || fraction.length > digits) throw new RangeError(`not an amount: ${amount}`);
  const minor = BigInt(`${match[2] ?? ''}${fraction.padEnd(digits, '0')}`);
  return match[1] ? -minor : minor;
}

export function fromMinor(minor: bigint, digits: number): WireAmount {
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
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

export type MoneyOptions = {
  sign?: 'auto' | 'always' | 'never';
  compact?: boolean;
  /** The number alone, where everything around it is of the one currency. */
  bare?: boolean;
};

function intlOptions(
  { sign = 'auto', compact = false }: MoneyOptions,
  digits: number,
): Intl.NumberFormatOptions {
  return {
    currencyDisplay: 'code',
    signDisplay: sign === 'always' ? 'exceptZero' : sign,
    // What a browser believes of a currency's digits is not asked: it differs from ISO 4217.
    ...(compact
      ? { notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 }
      : { maximumFractionDigits: digits, minimumFractionDigits: digits }),
  };
}

// Intl takes a decimal string and formats it exactly; TypeScript calls that type `${number}`.
const exact = (amount: Money, digits: number) => fromMinor(amount, digits) as `${number}`;

/** Arabic readers know "ج.م." where the Latin page says EGP. */
const display = (locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormatOptions =>
  locale.startsWith('ar') ? { ...options, currencyDisplay: 'symbol' } : options;

export function formatMoney(
  amount: Money,
  currency: string,
  locale: string,
  options: MoneyOptions = {},
): string {
  const digits = digitsOf(currency);
  return formatter(locale, currency, display(locale, intlOptions(options, digits))).format(
    exact(amount, digits),
  );
}

/** What the currency is called beside an amount: "EGP", and "ج.م." where that is read. */
export function currencyName(currency: string, locale: string): string {
  const options = display(locale, intlOptions({}, digitsOf(currency)));
  const parts = formatter(locale, currency, options).formatToParts(0);
  const name = parts.find(({ type }) => type === 'currency')?.value ?? currency;
  return name.replace(/[\u061c\u200e\u200f]/g, '').trim();
}

type MoneyPart = {
  kind: 'sign' | 'currency' | 'whole' | 'fraction' | 'literal';
  text: string;
};

/** The parts of a formatted amount, so that the page can set the fraction and the code smaller. */
/** Without the currency, and without what stood between it and the number. */
function numberOf(parts: Intl.NumberFormatPart[]): Intl.NumberFormatPart[] {
  return parts.filter(({ type, value }) => type !== 'currency' && !/^[\s\u00a0]+$/.test(value));
}

export function moneyParts(
  amount: Money,
  currency: string,
  locale: string,
  options: MoneyOptions = {},
): MoneyPart[] {
  const digits = digitsOf(currency);
  const format = formatter(locale, currency, display(locale, intlOptions(options, digits)));
  const parts = format.formatToParts(exact(amount, digits));
  const merged: MoneyPart[] = [];
  for (const { type, value } of options.bare ? numberOf(parts) : parts) {
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

/** An amount for the API: always the currency's digits. */
export const toWire = (amount: Money): WireAmount => fromMinor(amount, currency().digits);
