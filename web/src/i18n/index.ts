import i18next, { type ResourceLanguage } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import { local } from '../lib/store';
import en from './en.json';
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

// The language's own locale also decides digits, dates and plurals: Arabic as it is read in Egypt.
export const kLanguages = { en: 'en-GB', ar: 'ar-EG' } as const;
export type Language = keyof typeof kLanguages;
const kStored = 'instapay.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: {
      translation: typeof en &
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
    };
    returnNull: false;
  }
}

export function currentLanguage(): Language {
  return document.documentElement.lang.startsWith('ar') ? 'ar' : 'en';
}

// What the first page does not say comes with what does: <language>.<part>.json.
const files = import.meta.glob<ResourceLanguage>('./*.*.json', { import: 'default' });
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
const opened = new Set<Part>();

async function loadPart(language: Language, part: Part) {
  const texts = await files[`./${language}.${part}.json`]?.();
  i18next.addResourceBundle(kLanguages[language], 'translation', texts, true);
}

/** What loads a piece of the app, with the texts it has in the reader's language. */
export const withTexts =
  <T>(parts: Part[], load: () => Promise<T>) =>
  async (): Promise<T> => {
    for (const part of parts) opened.add(part);
    const texts = parts.map((part) => loadPart(currentLanguage(), part));
    const [piece] = await Promise.all([load(), ...texts]);
    return piece;
  };

async function load(language: Language) {
  if (language === 'ar') {
    const { default: ar } = await import('./ar.json');
    i18next.addResourceBundle(kLanguages.ar, 'translation', ar, true);
  }
  // Until nothing was opened meanwhile.
  for (let loaded = -1; loaded < opened.size;) {
    loaded = opened.size;
    await Promise.all([...opened].map((part) => loadPart(language, part)));
  }
}

/** A sentence that ends with an amount such as "٥ ج.م." has its full stop already. */
const oneStop = (text: string) => text.replace(/(\.[\u061c\u200e\u200f\u2069]*)\.(?=\s|$)/g, '$1');

export async function setUpLanguage(): Promise<void> {
  const language = currentLanguage();
  await i18next
    .use(initReactI18next)
    .use({ type: 'postProcessor', name: 'oneStop', process: oneStop })
    .init({
      lng: kLanguages[language],
      fallbackLng: kLanguages.en,
      load: 'currentOnly',
      resources: { [kLanguages.en]: { translation: en } },
      // React escapes; what is put into a sentence is isolated, so that an Arabic name in an English
      // one (or the other way round) does not reorder what stands around it.
      interpolation: {
        escapeValue: true,
        escape: (text) => (/^[\p{N}\p{P}]*$/u.test(text) ? text : `\u2068${text}\u2069`),
      },
      postProcess: ['oneStop'],
      react: { useSuspense: false },
      // A page that was opened without its texts: no test passes over what the console says.
      saveMissing: true,
      missingKeyHandler: (_languages, _namespace, key) => console.error(`no text ${key}`),
    });
  await load(language);
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  local.write(kStored, language);
  await i18next.changeLanguage(kLanguages[language]);
}

export const useT = () => useTranslation().t;
export const useLocale = () => useTranslation().i18n.language;
export const t = i18next.t.bind(i18next);
