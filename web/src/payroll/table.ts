// Tables as text: RFC 4180, as spreadsheets write it.

/** What a file may hold at most: many times what a thousand lines need. */
export const kFileMax_bytes = 1024 * 1024;

export type TableError = 'quote';

/**
 * Rows of cells. Commas separate, or semicolons or tabs where the first line has those and no comma, as
 * spreadsheets do in places whose decimal is a comma. Empty lines are nothing.
 */
export function parseTable(
  text: string,
): { rows: string[][] } | { error: TableError; line: number } {
  const input = text.replace(/^\ufeff/, '');
  const head = /^[^\r\n]*/.exec(input)?.[0] ?? '';
  const separator = head.includes(',')
    ? ','
    : head.includes(';')
      ? ';'
      : head.includes('\t')
        ? '\t'
        : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  let wasQuoted = false;
  let line = 1;
  let openedAt = 1;
  const endCell = () => {
    row.push(cell);
    cell = '';
    wasQuoted = false;
  };
  const endRow = () => {
    endCell();
    if (row.some((each) => each.trim() !== '')) rows.push(row);
    row = [];
  };
  for (let at = 0; at < input.length; at += 1) {
    const char = input.charAt(at);
    if (quoted) {
      if (char === '\n') line += 1;
      if (char !== '"') cell += char;
      else if (input.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '' && !wasQuoted) {
      quoted = true;
      wasQuoted = true;
      openedAt = line;
    } else if (char === separator) endCell();
    else if (char === '\n' || char === '\r') {
      if (char === '\r' && input.charAt(at + 1) === '\n') at += 1;
      endRow();
      line += 1;
    } else if (char === '"' || wasQuoted) return { error: 'quote', line };
    else cell += char;
  }
  if (quoted) return { error: 'quote', line: openedAt };
  endRow();
  return { rows };
}
