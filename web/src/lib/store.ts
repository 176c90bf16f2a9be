// The browser's storage, which may be refused (a setting, a sandbox), full, or broken. Whatever
// happens, what was written is there until the page is left. Nothing else touches the storage.

export type Store = {
  read: (key: string) => string | null;
  /** null removes. */
  write: (key: string, value: string | null) => void;
  names: () => string[];
  /** Whether it outlives the page. */
  lasts: () => boolean;
};

/** `open` may throw: with cookies blocked the mere mention of window.localStorage does. */
export function surviving(open: () => Storage): Store {
  const kept = new Map<string, string | null>();
  const attempt = <T>(run: (storage: Storage) => T): T | undefined => {
    try {
      return run(open());
    } catch {
      return undefined;
    }
  };
  return {
    read: (key) => {
      const mine = kept.get(key);
      return mine === undefined ? (attempt((storage) => storage.getItem(key)) ?? null) : mine;
    },
    write: (key, value) => {
      const stored = attempt((storage) => {
        if (value === null) storage.removeItem(key);
        else storage.setItem(key, value);
        return true;
      });
      if (stored) kept.delete(key);
      else kept.set(key, value);
    },
    names: () => {
      const names = new Set(attempt((storage) => Object.keys(storage)) ?? []);
      for (const [name, value] of kept)
        if (value === null) names.delete(name);
        else names.add(name);
      return [...names];
    },
    lasts: () => attempt((storage) => storage.length) !== undefined,
  };
}

/** Kept for this browser, and for this tab. */
export const local = surviving(() => window.localStorage);
export const tab = surviving(() => window.sessionStorage);

const kBigint = '$bigint';

/** JSON with bigints: amounts are bigints, and JSON has none. */
export function readJson(store: Store, key: string): unknown {
  const text = store.read(key);
  try {
    return text === null
      ? null
      : (JSON.parse(text, (_, value: unknown) =>
          typeof value === 'object' && value !== null && kBigint in value
            ? BigInt(String(value[kBigint]))
            : value,
        ) as unknown);
  } catch {
    return null;
  }
}

export function writeJson(store: Store, key: string, value: unknown): void {
  const text = JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? { [kBigint]: item.toString() } : item,
  ) as string | undefined;
  store.write(key, value === null || text === undefined ? null : text);
}

/** Half-written forms of this tab. */
export function forgetDrafts(): void {
  for (const name of tab.names()) if (name.startsWith('instapay.')) tab.write(name, null);
}
