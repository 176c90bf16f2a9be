import { readFileSync, readdirSync } from 'node:fs';

export type Language = 'en' | 'ar';
type Words = Record<string, Record<string, string>>;

const kFolder = new URL('../../../web/src/i18n/', import.meta.url);

const wordsOf = (language: Language): Words =>
  Object.assign(
    {},
    ...readdirSync(kFolder)
      .filter((file) => new RegExp(`^${language}(\\.\\w+)?\\.json$`).test(file))
      .map((file) => JSON.parse(readFileSync(new URL(file, kFolder), 'utf8')) as Words),
  ) as Words;
const kWords = { en: wordsOf('en'), ar: wordsOf('ar') };

/** What the wallet says, by its key. */
export function say(language: Language, key: string): string {
  const [group = '', name = ''] = key.split('.');
  const text = kWords[language][group]?.[name];
  if (!text) throw new Error(`no text ${key}`);
  return text;
}
