import { useSyncExternalStore } from 'react';
import { local } from '../lib/store';
import type en from './en.json';
import type enOfConsole from './en.console.json';
import type enOfHolds from './en.holds.json';
import type enOfLife from './en.life.json';
import type enOfMachines from './en.machines.json';
import type enOfMandates from './en.mandates.json';
import type enOfNotifications from './en.notifications.json';
import type enOfProof from './en.proof.json';
import type enOfRequests from './en.requests.json';
import type enOfSchedules from './en.schedules.json';
import type enOfSecurity from './en.security.json';
import type enOfSplits from './en.splits.json';
import type enOfWallet from './en.wallet.json';
import { Texts, type Tree, type Values } from './texts';

// The language's own locale also decides digits, dates and plurals: Arabic as it is read in Egypt.
export const kLanguages = { en: 'en-GB', ar: 'ar-EG' } as const;
export type Language = keyof typeof kLanguages;
const kStored = 'instapay.language';

type Said = typeof en &
  typeof enOfConsole &
  typeof enOfHolds &
  typeof enOfLife &
  typeof enOfMachines &
  typeof enOfMandates &
  typeof enOfNotifications &
  typeof enOfProof &
  typeof enOfRequests &
  typeof enOfSchedules &
  typeof enOfSecurity &
  typeof enOfSplits &
  typeof enOfWallet;
/** What is counted is said by the name that its forms have in common. */
type Counted<Name extends string> = Name extends `${infer Whole}_${'one' | 'other'}`
  ? Name | Whole
  : Name;
type KeyOf<Tree, Prefix extends string = ''> = {
  [Name in keyof Tree & string]: Tree[Name] extends string
    ? `${Prefix}${Counted<Name>}`
    : KeyOf<Tree[Name], `${Prefix}${Name}.`>;
}[keyof Tree & string];
export type Translate = (key: KeyOf<Said>, values?: Values) => string;

export function currentLanguage(): Language {
  return document.documentElement.lang.startsWith('ar') ? 'ar' : 'en';
}

// <language>.json is what the first page says; the rest comes with what says it: <language>.<part>.json.
const files = import.meta.glob<Tree>('./*.json', { import: 'default' });
export type Part =
  | 'console'
  | 'holds'
  | 'life'
  | 'machines'
  | 'mandates'
  | 'notifications'
  | 'proof'
  | 'requests'
  | 'schedules'
  | 'security'
  | 'splits'
  | 'wallet';
const opened = new Set<Part | 'first'>(['first']);

const texts = { en: new Texts(kLanguages.en), ar: new Texts(kLanguages.ar) };
let shown: Language = 'en';

/** Made anew with each language, so that what depends on it is rendered again. */
const translator =
  (language: Language): Translate =>
  (key, values) => {
    const text = texts[language].say(key, values);
    // A page that was opened without its texts: no test passes over what the console says.
    if (text === undefined) console.error(`no text ${key}`);
    return text ?? key;
  };
let translate = translator(shown);
const listeners = new Set<() => void>();

async function loadPart(language: Language, part: Part | 'first') {
  const file =
    await files[part === 'first' ? `./${language}.json` : `./${language}.${part}.json`]?.();
  if (file) texts[language].add(file);
}

/** What loads a piece of the app, with the texts it has in the reader's language. */
export const withTexts =
  <T>(parts: Part[], load: () => Promise<T>) =>
  async (): Promise<T> => {
    for (const part of parts) opened.add(part);
    const loading = parts.map((part) => loadPart(currentLanguage(), part));
    const [piece] = await Promise.all([load(), ...loading]);
    return piece;
  };

async function load(language: Language) {
  // Until nothing was opened meanwhile.
  for (let loaded = -1; loaded < opened.size;) {
    loaded = opened.size;
    await Promise.all([...opened].map((part) => loadPart(language, part)));
  }
}

function show(language: Language) {
  shown = language;
  translate = translator(language);
  for (const listener of listeners) listener();
}

export async function setUpLanguage(): Promise<void> {
  const language = currentLanguage();
  await load(language);
  show(language);
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  local.write(kStored, language);
  show(language);
}

function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useT = (): Translate => useSyncExternalStore(onLanguage, () => translate);
export const useLocale = () => useSyncExternalStore(onLanguage, () => kLanguages[shown]);
export const t: Translate = (key, values) => translate(key, values);
/** Whether there is such a text, of a key that is put together from what the server says. */
export const hasText = (key: string) => texts[shown].has(key);
