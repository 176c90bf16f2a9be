import { expect, test } from 'vitest';

type Tree = { [key: string]: string | Tree };
const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!**/*.{test,gen,fixture}.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});
const texts = import.meta.glob<Tree>('./en*.json', { eager: true, import: 'default' });

const kImport = /^(?:import|export)\s(?!type\b)(?:[^;']*?\sfrom\s)?'(\.[^']+)'/gm;
const kPiece = /(?:withTexts\(\s*\[([^\]]*)\],\s*)?\(\)\s*=>\s*import\('(\.[^']+)'\)/g;
const kKey = /['`]([a-zA-Z]+\.[\w.]*)(?:['`]|\$\{)/g;

const keysOf = (tree: Tree, prefix = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [prefix + key, prefix + key.replace(/_(one|other)$/, '')]
      : keysOf(value, `${prefix}${key}.`),
  );
const parts = new Map(
  Object.entries(texts).map(([file, tree]) => [
    /en\.(\w+)\.json$/.exec(file)?.[1] ?? 'first',
    keysOf(tree),
  ]),
);

/** The parts that have a key, or one that begins with it where the source puts its end together. */
const partsOf = (key: string, whole: boolean) =>
  [...parts].flatMap(([part, keys]) =>
    keys.some((each) => (whole ? each === key : each.startsWith(key))) ? [part] : [],
  );

// The globs name what lies in this folder "./…", and all else "../…".
const root = new URL('https://src/i18n/');
const files = new Map(
  Object.entries(sources).map(([name, text]) => [new URL(name, root).pathname, text]),
);
const find = (from: string, path: string) => {
  const { pathname } = new URL(path, `https://src${from}`);
  return ['.ts', '.tsx', '/index.ts'].map((end) => pathname + end).find((each) => files.has(each));
};

test('what a piece of the app says comes with it', () => {
  const seen = new Set<string>();
  const missing = new Set<string>();
  const visit = (file: string | undefined, have: string[]) => {
    const state = `${file} ${[...have].sort().join(' ')}`;
    if (file === undefined || seen.has(state)) return;
    seen.add(state);
    const source = files.get(file) ?? '';
    for (const [all, key = ''] of source.matchAll(kKey))
      for (const part of partsOf(key, !all.endsWith('{')))
        if (!have.includes(part)) missing.add(`${file} says ${key} without ${part}`);
    for (const [, path = ''] of source.matchAll(kImport)) visit(find(file, path), have);
    for (const [, list = '', path = ''] of source.matchAll(kPiece))
      visit(find(file, path), [
        ...new Set([...have, ...[...list.matchAll(/\w+/g)].map(([part]) => part)]),
      ]);
  };
  visit('/main.tsx', ['first']);
  expect([...missing]).toEqual([]);
  // It has been everywhere: only types are left.
  const reached = new Set([...seen].map((state) => state.split(' ')[0]));
  expect([...files.keys()].filter((file) => !reached.has(file))).toEqual(['/api/types.ts']);
});
