import type { HistoryItem } from '../api/types';
import { toWire } from '../money/money';

// As the server's reports are written (src/core/csv.h): RFC 4180, amounts in plain decimal.

const kColumns = [
  'createdAt',
  'direction',
  'kind',
  'status',
  'counterparty',
  'username',
  'note',
  'amount',
  'currency',
  'balanceAfter',
  'id',
  'refunded',
  'refundOf',
];
/** With what a formula may begin, also in full and small width, and behind what a spreadsheet passes over. */
const kFormulaStart =
  /^[\p{White_Space}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*[=+\-@\t\r＝＋－＠﹦﹢﹣﹫−]/u;

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Text by people: what a spreadsheet would run as a formula gets an apostrophe before it. */
export const csvCell = (text: string | null | undefined) =>
  cell(text && kFormulaStart.test(text) ? `'${text}` : (text ?? ''));

export function historyToCsv(items: HistoryItem[]): string {
  const rows = items.map((item) => [
    item.createdAt,
    item.direction,
    item.kind,
    item.status,
    csvCell(item.counterparty?.displayName),
    csvCell(item.counterparty?.username),
    csvCell(item.note),
    toWire(item.amount),
    item.currency,
    toWire(item.balanceAfter),
    item.id,
    toWire(item.refunded),
    item.refundOf ?? '',
  ]);
  return [kColumns, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
