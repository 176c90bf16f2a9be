import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link2Off } from 'lucide-react';
import { Redirect } from 'wouter';
import { getRequest, getRequestByCode, type RequestDetails } from '../../api/requests';
import { isStatus } from '../../api/error';
import type { User } from '../../api/types';
import { queryClient } from '../../app/queries';
import { useT } from '../../i18n';
import { requestLink } from '../../pay/code';
import { ButtonLink } from '../../ui/Button';
import { CounterCard } from '../../ui/CounterCard';
import { PageTitle } from '../../ui/Page';
import { BlockSkeleton, Empty, Failed } from '../../ui/States';
import { OwnRequest } from './OwnRequest';
import { PayRequest } from './PayRequest';
import { keyOf } from './useRequests';

function Unknown() {
  const t = useT();
  return (
    <div className="stack">
      <PageTitle>{t('requests.one')}</PageTitle>
      <Empty
        icon={Link2Off}
        title={t('requests.unknown')}
        action={<ButtonLink href="/requests">{t('requests.title')}</ButtonLink>}
      >
        {t('requests.unknownBody')}
      </Empty>
    </div>
  );
}

function Request({ id, show }: { id: string; show: (request: RequestDetails) => ReactNode }) {
  const { data, error, refetch } = useQuery({
    queryKey: keyOf(id),
    queryFn: () => getRequest(id),
    staleTime: 0,
  });
  if (data) return show(data);
  if (isStatus(error, 404, 422)) return <Unknown />;
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <BlockSkeleton />;
}

export const RequestPage = ({ me, id }: { me: User; id: string }) => (
  <Request
    id={id}
    show={(request) =>
      request.payee.id === me.id ? (
        <OwnRequest me={me} request={request} />
      ) : (
        <PayRequest me={me} request={request} />
      )
    }
  />
);

/** The link of an own request as a card for a counter. */
export const RequestCardPage = ({ me, id }: { me: User; id: string }) => (
  <Request
    id={id}
    show={({ code, amount, note }) =>
      code ? (
        <CounterCard
          me={me}
          link={requestLink(window.location.origin, code)}
          amount={amount}
          note={note ?? ''}
          back={`/requests/${id}`}
        />
      ) : (
        <Redirect to={`/requests/${id}`} replace />
      )
    }
  />
);

/** A link: shows the request that it names, under the request's own key from then on. */
export function CodePage({ me, code }: { me: User; code: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['request-of-code', code],
    queryFn: async () => {
      const found = await getRequestByCode(code);
      queryClient.setQueryData(keyOf(found.id), found);
      return found.id;
    },
  });
  if (data) return <RequestPage me={me} id={data} />;
  if (isStatus(error, 404, 422)) return <Unknown />;
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <BlockSkeleton />;
}
