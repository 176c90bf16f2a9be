import { Check } from 'lucide-react';
import type { CompletedTransfer, PublicUser, User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { dateTime } from '../../lib/dates';
import { ButtonLink } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { PageTitle } from '../../ui/Page';
import { useFoundUser } from './useFoundUser';
import { useStepStart } from './useStepStart';
import { ReceiptActions } from '../ReceiptActions';

export function DoneStep({
  me,
  payee,
  paid,
}: {
  me: User;
  payee: PublicUser | null;
  paid: CompletedTransfer;
}) {
  const t = useT();
  const locale = useLocale();
  const heading = useStepStart();
  const name = payee?.displayName ?? '';
  // Who got it, by the transfer's own word, and what they are called now.
  const receiver = useFoundUser(paid.receiverId).data;
  const renamed =
    receiver !== undefined &&
    (receiver.displayName !== name || receiver.username !== payee?.username);
  return (
    <div className="stack-l center done">
      <span className="done-mark" aria-hidden="true">
        <Check size={44} strokeWidth={2.5} />
      </span>
      <div className="stack-s">
        <PageTitle ref={heading}>{t('send.doneTitle')}</PageTitle>
        <p className="review-amount fits">
          <Money fit amount={paid.amount} currency={paid.currency} />
        </p>
        <p role="status">
          {t('send.doneTo')} <bdi className="strong">{name}</bdi>
        </p>
        {renamed && (
          <p>
            {t('send.nowCalled')} <bdi className="strong">{receiver.displayName}</bdi>{' '}
            <bdi dir="ltr">@{receiver.username}</bdi>
          </p>
        )}
        <p className="muted small">{dateTime(paid.createdAt, locale)}</p>
      </div>
      <p className="muted small">
        {t('send.newBalance')} <Money amount={paid.balance} currency={paid.currency} />
      </p>
      <ReceiptActions transaction={paid} sender={me} receiver={payee} />
      <div className="stack-s">
        <ButtonLink href={`/activity/${paid.id}`} look="outline" block>
          {t('send.receipt')}
        </ButtonLink>
        <ButtonLink href="/" look="primary" block>
          {t('action.done')}
        </ButtonLink>
      </div>
    </div>
  );
}
