import { withTexts } from '../i18n';

/** Everything behind the sign-in: asked for as soon as it is likely to be needed. */
export const loadWallet = withTexts(['wallet', 'requests'], () => import('./Wallet'));
