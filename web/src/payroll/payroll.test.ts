import { describe, expect, test, vi } from 'vitest';
import { kLinesMax, kTemplate, payrollKey, readLines, type Line } from './lines';
import { resolve } from './resolve';
import { parseTable } from './table';

// Not asked here, and it wants a browser.
vi.mock('../api/endpoints', () => ({ findPayee: vi.fn() }));

const egp = { code: 'EGP', name: 'Egyptian Pound', digits: 2, maximum: 9_000_000_000_000_000n };

describe('tables', () => {
  test.each([
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      '\ufeffa,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a;b\n1;2,5',
      [
        ['a', 'b'],
        ['1', '2,5'],
      ],
    ],
    [
      'a\tb\n1\t2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n\n"x, ""y""\r\nz",\n , \n',
      [
        ['a', 'b'],
        ['x, "y"\r\nz', ''],
      ],
    ],
    ['', []],
  ])('%j', (text, rows) => expect(parseTable(text)).toEqual({ rows }));
  test.each([
    ['a,b\n"x', 2],
    ['a,b\n"x"y,1', 2],
    ['a,b\nx"y,1', 2],
  ])('%j has a quote that means nothing', (text, line) =>
    expect(parseTable(text)).toEqual({ error: 'quote', line }),
  );
});

const read = (text: string): Line[] => {
  const got = readLines(text, egp);
  if ('error' in got) throw new Error(got.error);
  return got.lines;
};

describe('payments', () => {
  test('the template is one', () =>
    expect(read(kTemplate).map(({ problem, amount }) => [problem, amount])).toEqual([
      [null, 125000n],
      [null, 98050n],
    ]));
  test('columns in any order, more of them, and none of the notes', () => {
    const [line] = read('Name,AMOUNT, Payee\nNour,12.5,@nour');
    expect(line).toMatchObject({ row: 2, amount: 1250n, note: '', problem: null });
    expect(line?.query).toEqual({ by: 'username', value: 'nour' });
  });
  test('each line says what is wrong with it', () => {
    const problems = read(
      `payee,amount,note\n,1,\nnour,,\nnour,x,\nnour,1.234,\nnour,0,\nnour,-1,\nnour,1,${'n'.repeat(141)}\nnour,1,ok`,
    ).map(({ problem }) => problem);
    expect(problems).toEqual([
      'payee',
      'required',
      'format',
      'digits',
      'zero',
      'format',
      'note',
      null,
    ]);
  });
  test('a file that is none is refused as a whole', () => {
    expect(readLines('who,amount\nnour,1', egp)).toEqual({ error: 'columns' });
    expect(readLines('payee,amount\n', egp)).toEqual({ error: 'empty' });
    const many = `payee,amount\n${'nour,1\n'.repeat(kLinesMax + 1)}`;
    expect(readLines(many, egp)).toEqual({ error: 'tooMany' });
  });
});

describe('one key for the same payments of a period', () => {
  const line = { payeeId: 'a', amount: '1.00', note: '' };
  const lines = [line];
  test('and another for any other', async () => {
    const key = await payrollKey('2026-11', lines);
    expect(key).toMatch(/^payroll-[\da-f]{64}$/);
    expect(await payrollKey(' 2026-11 ', [...lines])).toBe(key);
    const others = await Promise.all([
      payrollKey('2026-12', lines),
      payrollKey('2026-11', [...lines, ...lines]),
      payrollKey('2026-11', [{ ...line, amount: '1.01' }]),
      payrollKey('2026-11', [{ ...line, note: 'x' }]),
    ]);
    expect(new Set([key, ...others]).size).toBe(5);
  });
  test('also where the browser has no SHA-256', async () => {
    vi.stubGlobal('crypto', {});
    const key = await payrollKey('2026-11', lines);
    expect(key).toMatch(/^payroll-[\da-f]{32}$/);
    expect(await payrollKey('2026-12', lines)).not.toBe(key);
    vi.unstubAllGlobals();
  });
});

test('a page that is left asks for no more names', async () => {
  const page = new AbortController();
  const find = vi.fn(() => {
    page.abort();
    return Promise.resolve({ id: 'a', username: 'nour', displayName: 'Nour' });
  });
  const queries = Array.from({ length: 20 }, (_, index) => ({
    by: 'username' as const,
    value: `nour${index}`,
  }));
  await resolve(queries, () => undefined, page.signal, find);
  expect(find.mock.calls.length).toBeLessThan(5);
});
