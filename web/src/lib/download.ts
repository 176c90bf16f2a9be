/** The mark tells spreadsheets that the text is UTF-8: names are in Arabic too. */
export const csvFile = (text: BlobPart) =>
  new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' });

/** Hands a file to the browser's own download. */
export function download(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken the blob by the next task at the latest; a minute is generous.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
