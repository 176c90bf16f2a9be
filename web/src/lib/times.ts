// A moment in words, as the first page has to say it too; all else of dates is in dates.ts.
const cache = new Map<string, Intl.DateTimeFormat>();
export function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let made = cache.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    cache.set(key, made);
  }
  return made;
}

export const dateTime = (time: string, locale: string) =>
  format(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));
export const date = (time: string, locale: string) =>
  format(locale, { dateStyle: 'medium' }).format(new Date(time));
export const timeOfDay = (time: string, locale: string) =>
  format(locale, { timeStyle: 'short' }).format(new Date(time));
