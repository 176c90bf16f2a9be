/** A Storage for tests. */
export function memoryStorage(from: Record<string, string> = {}): Storage {
  // As in a browser, what is kept is what Object.keys lists.
  const kept: Record<string, string> = { ...from };
  const methods = {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
    removeItem: (key: string) => void Reflect.deleteProperty(kept, key),
    clear: () => Object.keys(kept).forEach((key) => Reflect.deleteProperty(kept, key)),
    key: (index: number) => Object.keys(kept)[index] ?? null,
  };
  return new Proxy(kept, {
    get: (_, name) =>
      name === 'length'
        ? Object.keys(kept).length
        : ((methods as Record<string | symbol, unknown>)[name] ?? kept[name as string]),
    set: (_, name, value) => {
      (methods as Record<string | symbol, unknown>)[name] = value;
      return true;
    },
  }) as unknown as Storage;
}
