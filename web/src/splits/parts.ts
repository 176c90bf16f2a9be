import type { SplitMode } from '../api/splits';
import type { ParsedAmount } from '../money/amount';
import type { Money } from '../money/money';
import { amountsOf, type Share } from './amounts';

/** One of those among whom it is split; `text`: their weight or amount as it is typed. */
export type Person = { id: string; displayName: string; text: string };
type Part = { shares?: number; amount?: Money };

export type Read = {
  /** What is told of everybody; null while something is missing. */
  parts: Map<string, Part> | null;
  shares: Map<string, Share>;
  problems: Map<string, string>;
  /** By amounts: what the total has more than they; below zero, less. */
  missing: Money;
  tooSmall: boolean;
};

const kMostShares = 10_000;
/** Digits of the languages here; what is no such number is null. */
function readShares(text: string): number | null {
  const latin = text.trim().replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
  if (!/^[1-9]\d{0,4}$/.test(latin)) return null;
  const shares = Number(latin);
  return shares <= kMostShares ? shares : null;
}

type Input = {
  mode: SplitMode;
  total: Money | null;
  everybody: Person[];
  me: string;
  t: (key: 'splits.sharesProblem') => string;
  amounts: {
    read: (text: string) => ParsedAmount;
    problem: (parsed: ParsedAmount) => string | undefined;
  };
  /** Before the form was sent once, nothing empty is a mistake. */
  tried: boolean;
};

/** What everybody's part is, from what is typed so far. */
export function readParts({ mode, total, everybody, me, t, amounts, tried }: Input): Read {
  const parts = new Map<string, Part>();
  const problems = new Map<string, string>();
  for (const { id, text } of everybody) {
    const speaks = tried || text !== '';
    if (mode === 'amounts') {
      const parsed = amounts.read(text);
      if (parsed.ok) parts.set(id, { amount: parsed.minor });
      else if (speaks) problems.set(id, amounts.problem(parsed) ?? '');
    } else if (mode === 'shares') {
      const shares = readShares(text);
      if (shares !== null) parts.set(id, { shares });
      else if (speaks) problems.set(id, t('splits.sharesProblem'));
    } else {
      parts.set(id, {});
    }
  }
  const read: Read = { parts: null, shares: new Map(), problems, missing: 0n, tooSmall: false };
  if (total === null || parts.size < everybody.length || everybody.length === 0) return read;
  if (mode === 'amounts') {
    const sum = [...parts.values()].reduce((all, { amount = 0n }) => all + amount, 0n);
    read.missing = total - sum;
  } else {
    const shares = amountsOf(
      total,
      everybody.map(({ id }) => ({ id, own: id === me, shares: parts.get(id)?.shares ?? 1 })),
    );
    everybody.forEach(({ id }, index) => {
      const share = shares[index];
      if (share) read.shares.set(id, share);
    });
    read.tooSmall = shares.some(({ amount }) => amount === 0n);
  }
  if (read.missing === 0n && !read.tooSmall) read.parts = parts;
  return read;
}
