import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { findPayee } from '../../api/endpoints';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { payeeQuery } from '../../pay/link';
import { Avatar } from '../../ui/Avatar';
import { TextField } from '../../ui/Field';
import { PersonTitle } from '../../ui/Person';
import { usePeople } from '../history';

const kPauseMs = 400;

/** Who somebody's words name, once typing has paused. */
function useNamed(text: string, me: User) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), kPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  const query = payeeQuery(settled);
  const { data } = useQuery({
    queryKey: ['payee', query],
    queryFn: () => findPayee(query ?? { by: 'username', value: '' }),
    enabled: query !== null && settled === text,
    retry: false,
  });
  return settled === text && data && data.id !== me.id ? data : null;
}

type Props = {
  me: User;
  text: string;
  setText: (text: string) => void;
  problem: string | undefined;
};

/** Who to ask: what is typed, or one of those paid last; and who that is. */
export function Who({ me, text, setText, problem }: Props) {
  const t = useT();
  const people = usePeople(me.id).data ?? [];
  const named = useNamed(text, me);
  return (
    <div className="stack-s">
      <TextField
        label={t('requests.whom')}
        value={text}
        dir="ltr"
        inputMode="email"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={t('send.payeePlaceholder')}
        error={problem}
        onChange={(event) => setText(event.target.value)}
      />
      <div role="status">
        {named && (
          <div className="row payee-chip">
            <Avatar name={named.displayName} seed={named.id} />
            <div className="grow truncate">
              <PersonTitle person={named} />
            </div>
          </div>
        )}
      </div>
      {people.length > 0 && (
        <ul className="people" aria-label={t('send.recent')}>
          {people.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                className="person"
                aria-pressed={named?.id === person.id}
                onClick={() => setText(person.username)}
              >
                <Avatar name={person.displayName} seed={person.id} size="l" />
                <bdi className="truncate">{person.displayName}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
