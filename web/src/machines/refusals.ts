import { isCode } from '../api/error';
import type { Translate } from '../i18n';

/** What only programs' accounts can run into, in words; null: it is something else. */
export const sayRefusal = (t: Translate) => (error: unknown) =>
  isCode(error, 'service_account_limit_exceeded')
    ? t('machines.tooMany')
    : isCode(error, 'credential_limit_exceeded')
      ? t('machines.twoSecrets')
      : isCode(error, 'service_account_not_found')
        ? t('machines.gone')
        : null;
