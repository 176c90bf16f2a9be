import { Ban, CircleCheck, Clock, Link2Off, type LucideIcon } from 'lucide-react';
import { endOf, getRequestLink, type EndedStatus, type RequestLink } from '../../api/open';
import { isStatus } from '../../api/error';
import { useT } from '../../i18n';
import { useAnswer } from '../../lib/useAnswer';
import { Avatar } from '../../ui/Avatar';
import { ButtonLink } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { BlockSkeleton, Empty, Failed } from '../../ui/States';
import { Gate } from '../Gate';
import '../../styles/requests.css';
import '../../styles/send.css';

const kEnded: Record<EndedStatus, LucideIcon> = {
  paid: CircleCheck,
  declined: Ban,
  cancelled: Ban,
  expired: Clock,
};

/** Who asks for how much, and what for. */
function Asks({ link }: { link: RequestLink }) {
  const t = useT();
  return (
    <div className="review-top">
      <Avatar name={link.payeeName} seed={link.payeeName} size="l" />
      <p className="center">
        {t('payLink.asked')} <bdi className="strong">{link.payeeName}</bdi>
      </p>
      {link.amount === null ? (
        <p className="muted">{t('requests.youChoose')}</p>
      ) : (
        <p className="review-amount fits">
          <Money fit amount={link.amount} currency={link.currency} />
        </p>
      )}
      {link.note && (
        <p className="center request-note">
          <bdi>{link.note}</bdi>
        </p>
      )}
    </div>
  );
}

function Way({ code }: { code: string }) {
  const t = useT();
  const next = encodeURIComponent(`/r/${code}`);
  return (
    <div className="stack-s">
      <ButtonLink href={`/sign-in?next=${next}`} look="primary" block>
        {t('requests.signInToPay')}
      </ButtonLink>
      <ButtonLink href={`/register?next=${next}`} look="outline" block>
        {t('requests.createWallet')}
      </ButtonLink>
    </div>
  );
}

function Known({ link, code }: { link: RequestLink; code: string }) {
  const t = useT();
  const ended = endOf(link);
  if (ended === null)
    return (
      <>
        <Asks link={link} />
        <Way code={code} />
      </>
    );
  return (
    <Empty icon={kEnded[ended]} title={t(`requests.link_${ended}`)}>
      {t('requests.linkEnded', { name: link.payeeName })}
    </Empty>
  );
}

/** What a link shows to somebody who is not signed in. */
export default function LinkPage({ code }: { code: string }) {
  const t = useT();
  const { data, error, again } = useAnswer(code, () => getRequestLink(code));
  return (
    <Gate title={t('requests.one')}>
      {data ? (
        <Known link={data} code={code} />
      ) : error === undefined ? (
        <BlockSkeleton />
      ) : isStatus(error, 404, 422) ? (
        <Empty icon={Link2Off} title={t('requests.unknown')}>
          {t('requests.unknownBody')}
        </Empty>
      ) : (
        <Failed error={error} onRetry={again} />
      )}
    </Gate>
  );
}
