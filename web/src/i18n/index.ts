import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import { local } from '../lib/store';
import en from './en.json';

// The language's own locale also decides digits, dates and plurals: Arabic as it is read in Egypt.
export const kLanguages = { en: 'en-GB', ar: 'ar-EG' } as const;
export type Language = keyof typeof kLanguages;
const kStored = 'instapay.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
    returnNull: false;
  }
}

export function currentLanguage(): Language {
  return document.documentElement.lang.startsWith('ar') ? 'ar' : 'en';
}

async function load(language: Language) {
  const locale = kLanguages[language];
  if (i18next.hasResourceBundle(locale, 'translation')) return;
  const { default: ar } = await import('./ar.json');
  i18next.addResourceBundle(locale, 'translation', ar);
}

/** A sentence that ends with an amount such as "٥ ج.م." has its full stop already. */
export const oneStop = (text: string) =>
  text.replace(/(\.[\u061c\u200e\u200f\u2069]*)\.(?=\s|$)/g, '$1');

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
