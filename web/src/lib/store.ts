/** JSON in a Storage; refused or broken storage reads as absent. */
export function readJson(storage: Storage, key: string): unknown {
  try {
    const text = storage.getItem(key);
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

export function writeJson(storage: Storage, key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or refused: what depends on it survives a reload only.
  }
}

/** Half-written forms of this tab. */
export function forgetDrafts(): void {
  try {
    for (const name of Object.keys(sessionStorage))
      if (name.startsWith('instapay.')) sessionStorage.removeItem(name);
  } catch {
    // Nothing could have been kept either.
  }
}
