import { t } from '../i18n';
import { copyText } from '../lib/copy';
import { toast } from './toast';

/** Copies, and says whether that went well. */
export async function copyAndSay(text: string): Promise<void> {
  const copied = await copyText(text);
  toast(<span>{t(copied ? 'action.copied' : 'action.notCopied')}</span>);
}
