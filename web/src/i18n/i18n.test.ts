import { expect, test } from 'vitest';

type Tree = { [key: string]: string | Tree };
const kPlural = /_(zero|one|two|few|many|other)$/;

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree))
    if (typeof value === 'string') all.set(prefix + key, value);
    else for (const [name, text] of flat(value, `${prefix}${key}.`)) all.set(name, text);
  return all;
}

const base = (all: Map<string, string>) =>
  new Set([...all.keys()].map((k) => k.replace(kPlural, '')));
// What is loaded when it is opened has files of its own: <language>.<part>.json.
const inEnglish = import.meta.glob<Tree>('./en*.json', { eager: true, import: 'default' });
const inArabic = import.meta.glob<Tree>('./ar*.json', { eager: true, import: 'default' });
const english = flat(Object.assign({}, ...Object.values(inEnglish)) as Tree);
const arabic = flat(Object.assign({}, ...Object.values(inArabic)) as Tree);

test('both languages say everything, and with the same parts', () => {
  for (const [file, part] of Object.entries(inEnglish))
    expect(Object.keys(inArabic[file.replace('/en', '/ar')] ?? {}).sort(), file).toEqual(
      Object.keys(part).sort(),
    );
  expect([...base(arabic)].sort()).toEqual([...base(english)].sort());
  for (const [key, text] of [...english, ...arabic]) expect(text.trim(), key).not.toBe('');
});

test('Arabic has all six plurals where English has two', () => {
  for (const key of english.keys())
    if (key.endsWith('_other'))
      for (const form of new Intl.PluralRules('ar-EG').resolvedOptions().pluralCategories)
        expect(arabic.has(key.replace(/other$/, form)), `${key} ${form}`).toBe(true);
});

test('the same values are put into both', () => {
  const names = (text: string) =>
    [...text.matchAll(/{{(\w+)/g)].map((m) => m[1]).filter((n) => n !== 'count');
  for (const [key, text] of english) {
    const other = arabic.get(key);
    if (other !== undefined) expect(names(other).sort(), key).toEqual(names(text).sort());
  }
});
