import { useState, type ReactNode } from 'react';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { useLinkToken } from '../lib/linkToken';
import { Button } from '../ui/Button';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

type Props = {
  title: string;
  body: string;
  submit: string;
  look?: 'primary' | 'danger';
  /** Stands before the address. */
  done: string;
  invalid: string;
  /** Follows the link; whose address it is about. */
  follow: (token: string) => Promise<string>;
  /** Once it was followed. */
  after?: () => Promise<void>;
  /** What this page says better of an error than all do. */
  say?: (error: unknown) => string | undefined;
  /** What there is to do next; `address` is empty where the link is not good. */
  next: (address: string) => ReactNode;
};

/** What a link in a mail opens: a button, since programs that look at such links press none. */
export function MailLinkPage({ look = 'primary', follow, after, say, next, ...texts }: Props) {
  const t = useT();
  const locale = useLocale();
  const token = useLinkToken();
  const [busy, setBusy] = useState(false);
  const [address, setAddress] = useState('');
  const [failure, setFailure] = useState('');
  const [invalid, setInvalid] = useState(!token);

  const confirm = async () => {
    setBusy(true);
    setFailure('');
    try {
      setAddress(await follow(token));
      await after?.();
    } catch (error) {
      if (isCode(error, 'link_invalid')) setInvalid(true);
      else setFailure(say?.(error) ?? explain(error, { t, locale }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Gate title={texts.title}>
      <Failure icon={CircleAlert}>{invalid ? texts.invalid : failure}</Failure>
      <div role="status">
        {address && (
          <Notice icon={CircleCheck}>
            {texts.done} <bdi dir="ltr">{address}</bdi>
          </Notice>
        )}
      </div>
      {address || invalid ? (
        next(address)
      ) : (
        <>
          <p className="muted">{texts.body}</p>
          <Button look={look} block busy={busy} onClick={() => void confirm()}>
            {texts.submit}
          </Button>
        </>
      )}
    </Gate>
  );
}
