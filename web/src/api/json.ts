import { toMinor } from '../money/money';
import type { components } from './schema.gen';
import { shapes } from './shapes.gen';

/** The schemas of api/openapi.yaml. What is money there is whole minor units here, in a bigint. */
export type Schemas = components['schemas'];

/** Where money stands in an answer: here, in these members, or in each element. */
export type Shape = 'money' | { readonly [member: string]: Shape } | readonly [Shape];

const isEach = (shape: Shape | undefined): shape is readonly [Shape] => Array.isArray(shape);

/** Stands for a number until it is known whether it is money; no schema has a member of this name. */
const kNumber = '#';
const kStringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** As JSON.parse, but numbers keep their text: a float would have lost some of it. */
const parse = (text: string): unknown =>
  JSON.parse(
    text.replace(kStringOrNumber, (found) =>
      found.startsWith('"') ? found : `{"${kNumber}":"${found}"}`,
    ),
  );

const isNumber = (value: unknown): value is { [kNumber]: string } =>
  typeof value === 'object' && value !== null && kNumber in value;

function convert(value: unknown, shape: Shape | undefined, digits: number | null): unknown {
  if (isNumber(value)) {
    if (shape !== 'money') return Number(value[kNumber]);
    // Before the currency is known nothing can be said of an amount, only of what stands around it.
    return digits === null ? undefined : toMinor(value[kNumber], digits);
  }
  if (shape === 'money' && value !== null) throw new RangeError('an amount that is no number');
  if (Array.isArray(value)) {
    const each = isEach(shape) ? shape[0] : undefined;
    return value.map((item) => convert(item, each, digits));
  }
  if (typeof value === 'object' && value !== null) {
    const members = shape === 'money' || isEach(shape) ? undefined : shape;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, convert(item, members?.[name], digits)]),
    );
  }
  return value;
}

/** The currency tells the digits by which its own largest amount is read. */
export function decodeCurrency(text: string): Schemas['CurrencyInfo'] {
  const { digits } = decode(text, 'CurrencyInfo', null);
  return decode(text, 'CurrencyInfo', digits);
}

/**
 * Reads an answer as its schema says: amounts exactly, from their text, into minor units of a
 * currency with these digits; other numbers as numbers.
 */
export function decode<Name extends keyof Schemas>(
  text: string,
  name: Name,
  digits: number | null,
): Schemas[Name] {
  return convert(parse(text), shapes[name], digits) as Schemas[Name];
}
