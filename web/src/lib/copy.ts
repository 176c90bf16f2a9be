/** Puts text on the clipboard; false where the browser refuses (plain http, a setting). */
export async function copyText(text: string): Promise<boolean> {
  // Absent outside secure contexts, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  try {
    if (!clipboard) return false;
    await clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
