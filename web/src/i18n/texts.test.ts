import { expect, test } from 'vitest';
import { Texts } from './texts';

const textsOf = (locale: string, tree: object) => {
  const texts = new Texts(locale);
  texts.add(tree as Parameters<Texts['add']>[0]);
  return texts;
};

test('a key leads to its text, at any depth, and later files add to the first', () => {
  const texts = textsOf('en-GB', { a: { b: 'one', c: { d: 'two' } } });
  texts.add({ a: { e: 'three' } });
  expect(['a.b', 'a.c.d', 'a.e', 'a.x'].map((key) => texts.say(key))).toEqual([
    'one',
    'two',
    'three',
    undefined,
  ]);
  expect([texts.has('a.e'), texts.has('a.c')]).toEqual([true, false]);
});

test('what is counted has the form of its language, and none at all its own', () => {
  const english = textsOf('en-GB', {
    many_one: '{{count, number}} day',
    many_other: '{{count, number}} days',
    digits_zero: 'no digits',
    digits_other: '{{count}} digits',
  });
  expect([1, 2, 1200].map((count) => english.say('many', { count }))).toEqual([
    '1 day',
    '2 days',
    '1,200 days',
  ]);
  expect([0, 2].map((count) => english.say('digits', { count }))).toEqual([
    'no digits',
    '2 digits',
  ]);
  const arabic = textsOf('ar-EG', {
    zero: 'x',
    many_zero: 'لا أيام',
    many_one: 'يوم',
    many_two: 'يومان',
    many_few: '{{count, number}} أيام',
    many_many: '{{count, number}} يومًا',
    many_other: '{{count, number}} يوم',
  });
  expect([0, 1, 2, 3, 11, 100].map((count) => arabic.say('many', { count }))).toEqual([
    'لا أيام',
    'يوم',
    'يومان',
    '٣ أيام',
    '١١ يومًا',
    '١٠٠ يوم',
  ]);
});

test('values are isolated, and never read as texts again', () => {
  const texts = textsOf('en-GB', { paid: '{{name}} paid {{amount}}.' });
  expect(texts.say('paid', { name: 'منى {{amount}}', amount: '5' })).toBe(
    '\u2068منى {{amount}}\u2069 paid 5.',
  );
  // A replacement pattern of String.replace means nothing in a name.
  expect(texts.say('paid', { name: "$& $' x", amount: '5' })).toBe("\u2068$& $' x\u2069 paid 5.");
  expect(texts.say('paid', { name: 'a', amount: '٥ ج.م.' })).toBe(
    '\u2068a\u2069 paid \u2068٥ ج.م.\u2069',
  );
});
