// The text of a payment code after EMVCo's QR Code Specification, Merchant-Presented Mode, 1.1: data
// objects of a two-digit id, a two-digit length and a value, closed by a CRC. Pure.

/** CRC-16/CCITT-FALSE: polynomial 0x1021, begins with 0xffff; four digits, with leading zeros. */
export function crc16(text: string): string {
  let crc = 0xffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

export type EmvObjects = Map<string, string>;

export type EmvError =
  /** No such code at all. */
  | 'not_emv'
  /** Begins like one, and its parts do not fit together. */
  | 'malformed'
  /** Its check digits say that something was lost or changed. */
  | 'crc';

/** Where a merchant's account is: the ids 26 to 51, each a template whose 00 names its scheme. */
export type EmvAccount = { id: string; guid: string; objects: EmvObjects };

export type EmvPayload = {
  objects: EmvObjects;
  accounts: EmvAccount[];
  /** dynamic: made for one payment. */
  pointOfInitiation: 'static' | 'dynamic' | null;
  /** Of ISO 4217, three digits. */
  currency: string;
  /** As it is written: digits, perhaps with a point. */
  amount: string | null;
  country: string;
  merchantName: string;
  merchantCity: string;
  additional: EmvObjects;
};

export type EmvResult = { ok: true; payload: EmvPayload } | { ok: false; error: EmvError };

const kMin = 12;
const kMax = 512;
const kCrcChars = 8; // 6304 and four digits
const kRequired = ['52', '53', '58', '59', '60'];
const kShape: Record<string, RegExp> = {
  '01': /^1[12]$/,
  '52': /^\d{4}$/,
  '53': /^\d{3}$/,
  '54': /^(?=.{1,13}$)\d+([.]\d*)?$/,
  '58': /^[A-Z]{2}$/,
};

/** The objects of a text; null when it is not made of such, or one comes twice. Lengths count characters. */
export function readObjects(text: string): EmvObjects | null {
  const chars = Array.from(text);
  const objects: EmvObjects = new Map();
  for (let at = 0; at < chars.length;) {
    const head = chars.slice(at, at + 4).join('');
    if (!/^\d{4}$/.test(head)) return null;
    const id = head.slice(0, 2);
    const length = Number(head.slice(2));
    const value = chars.slice(at + 4, at + 4 + length);
    if (length === 0 || value.length < length || objects.has(id)) return null;
    objects.set(id, value.join(''));
    at += 4 + length;
  }
  return objects;
}

function accountsOf(objects: EmvObjects): EmvAccount[] | null {
  const accounts: EmvAccount[] = [];
  for (const [id, value] of objects) {
    if (id < '26' || id > '51') continue;
    const inner = readObjects(value);
    const guid = inner?.get('00');
    if (!inner || !guid) return null;
    // A GUID may be written in either case.
    accounts.push({ id, guid: guid.toLowerCase(), objects: inner });
  }
  return accounts;
}

export function readEmv(text: string): EmvResult {
  if (!text.startsWith('000201')) return { ok: false, error: 'not_emv' };
  const malformed: EmvResult = { ok: false, error: 'malformed' };
  if (text.length < kMin || text.length > kMax) return malformed;
  const body = text.slice(0, -4);
  if (!body.endsWith('6304') || !/^[\dA-Fa-f]{4}$/.test(text.slice(-4))) return malformed;
  if (crc16(body) !== text.slice(-4).toUpperCase()) return { ok: false, error: 'crc' };
  const objects = readObjects(text.slice(0, -kCrcChars));
  if (!objects || kRequired.some((id) => !objects.has(id))) return malformed;
  for (const [id, shape] of Object.entries(kShape)) {
    const value = objects.get(id);
    if (value !== undefined && !shape.test(value)) return malformed;
  }
  const accounts = accountsOf(objects);
  const additional = readObjects(objects.get('62') ?? '');
  if (!accounts || !additional) return malformed;
  const of = (id: string) => objects.get(id) ?? '';
  return {
    ok: true,
    payload: {
      objects,
      accounts,
      pointOfInitiation: objects.has('01') ? (of('01') === '12' ? 'dynamic' : 'static') : null,
      currency: of('53'),
      amount: objects.get('54') ?? null,
      country: of('58'),
      merchantName: of('59'),
      merchantCity: of('60'),
      additional,
    },
  };
}

function object(id: string, value: string): string {
  const length = Array.from(value).length;
  if (!/^\d\d$/.test(id) || length < 1 || length > 99) throw new RangeError(`object ${id}`);
  return `${id}${String(length).padStart(2, '0')}${value}`;
}

export type EmvFields = {
  /** Of the scheme, e.g. a domain of ours turned around. */
  guid: string;
  /** What the scheme goes by, in its object 01. */
  account: string;
  dynamic: boolean;
  currency: string;
  amount: string | null;
  country: string;
  merchantName: string;
  merchantCity: string;
};

/** ASCII only, as the specification wants these; what is not is left out. */
const ascii = (text: string, chars: number, fallback: string) =>
  text
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, chars) || fallback;

export function writeEmv(fields: EmvFields): string {
  const body =
    object('00', '01') +
    object('01', fields.dynamic ? '12' : '11') +
    object('26', object('00', fields.guid) + object('01', fields.account)) +
    object('52', '0000') +
    object('53', fields.currency) +
    (fields.amount === null ? '' : object('54', fields.amount)) +
    object('58', fields.country) +
    object('59', ascii(fields.merchantName, 25, 'Payee')) +
    object('60', ascii(fields.merchantCity, 15, 'Online')) +
    '6304';
  return body + crc16(body);
}
