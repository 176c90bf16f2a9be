import { parseAmount, type AmountError } from '../money/amount';
import type { Currency } from '../money/currency';
import type { Money } from '../money/money';
import { payeeQuery, type PayeeQuery } from '../pay/link';
import { kNoteMax, plainText } from '../lib/text';
import { parseTable, type TableError } from './table';

/** The server takes as many in one request, and all of them are paid or none. */
export const kLinesMax = 1_000;
const kColumns = ['payee', 'amount', 'note'] as const;

export const kTemplate =
  'payee,amount,note\r\nnour@example.com,1250.00,Salary\r\n@omar,980.50,Salary\r\n';

type LineProblem = 'payee' | 'note' | AmountError;
export type Line = {
  /** As a spreadsheet counts, the head being 1. */
  row: number;
  payee: string;
  query: PayeeQuery | null;
  amount: Money | null;
  note: string;
  problem: LineProblem | null;
};
export type Lines =
  { lines: Line[] } | { error: TableError | 'columns' | 'empty' | 'tooMany'; line?: number };

/** Reads a file of payments. A file is written by machines: amounts are as the API writes them. */
export function readLines(text: string, currency: Currency): Lines {
  const table = parseTable(text);
  if ('error' in table) return table;
  const [head, ...rows] = table.rows;
  const names = (head ?? []).map((name) => plainText(name).toLowerCase());
  const at = Object.fromEntries(kColumns.map((name) => [name, names.indexOf(name)])) as Record<
    (typeof kColumns)[number],
    number
  >;
  if (at.payee < 0 || at.amount < 0) return { error: 'columns' };
  if (rows.length === 0) return { error: 'empty' };
  if (rows.length > kLinesMax) return { error: 'tooMany' };
  const lines = rows.map((cells, index): Line => {
    const payee = plainText(cells[at.payee] ?? '');
    const query = payeeQuery(payee);
    const parsed = parseAmount(cells[at.amount] ?? '', currency, 'en');
    const note = plainText(cells[at.note] ?? '');
    const problem = !query
      ? 'payee'
      : !parsed.ok
        ? parsed.error
        : Array.from(note).length > kNoteMax
          ? 'note'
          : null;
    const amount = parsed.ok ? parsed.minor : null;
    return { row: index + 2, payee, query, amount, note, problem };
  });
  return { lines };
}

type Payable = { payeeId: string; amount: string; note: string };

/**
 * The Idempotency-Key of a file for a period: the same people, amounts and notes are paid once in it,
 * whoever chooses the file again, on whatever device.
 */
export async function payrollKey(period: string, lines: Payable[]): Promise<string> {
  const text = JSON.stringify([
    plainText(period).toLowerCase(),
    lines.map(({ payeeId, amount, note }) => [payeeId, amount, note]),
  ]);
  return `payroll-${await digest(new TextEncoder().encode(text))}`;
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Absent on plain http outside localhost. Two texts with one key would be refused, not confused: the
  // server keeps what a key stood for.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) return fnv(bytes);
  const hash = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** FNV-1a, 128 bits. */
function fnv(bytes: Uint8Array): string {
  const prime = 0x0000000001000000000000000000013bn;
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (const byte of bytes) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * prime);
  return hash.toString(16).padStart(32, '0');
}
