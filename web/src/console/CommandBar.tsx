import { useEffect, useId, useState, type KeyboardEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ArrowRightLeft, LayoutDashboard, Search, UserRound, type LucideIcon } from 'lucide-react';
import { useLocation } from 'wouter';
import { listUsers } from '../api/endpoints';
import { useT } from '../i18n';
import { plainText } from '../lib/text';
import { searchWords, useSearchBox } from '../lib/useSearchBox';
import { Dialog } from '../ui/Dialog';
import { kPages } from './pages';

type Hit = { href: string; icon: LucideIcon; name: string; more?: string };

const kUsersShown = 6;
const kLeast = 2;
const kUuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const kMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What the text names: people once typing pauses and `words` are the same, all else at once. */
function useHits(text: string, words: string): Hit[] {
  const t = useT();
  const pages: Hit[] = kPages.map(([href, name]) => ({
    href,
    name: t(name),
    icon: LayoutDashboard,
  }));
  const q = searchWords(text) ?? '';
  const people = useQuery({
    queryKey: ['users', q, 'command'],
    queryFn: () => listUsers(q, null),
    enabled: text === words && q.length >= kLeast && !kUuid.test(q),
  });
  if (q === '') return pages;
  if (kUuid.test(q))
    return [
      { href: `/activity/${q}`, icon: ArrowRightLeft, name: t('console.openTransaction'), more: q },
      { href: `/console/users/${q}`, icon: UserRound, name: t('console.openUser'), more: q },
    ];
  const needle = q.toLowerCase();
  return [
    ...pages.filter(({ name }) => name.toLowerCase().includes(needle)),
    ...(q.length >= kLeast ? (people.data?.data ?? []) : [])
      .slice(0, kUsersShown)
      .map(({ id, displayName, username }) => ({
        href: `/console/users/${id}`,
        icon: UserRound,
        name: displayName,
        more: `@${username}`,
      })),
    {
      href: `/console/transactions?q=${encodeURIComponent(q)}`,
      icon: ArrowRightLeft,
      name: t('console.transactionsWith', { words: q }),
    },
  ];
}

function Commands({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [, navigate] = useLocation();
  const list = useId();
  const [words, setWords] = useState('');
  const [text, setText] = useSearchBox(words, setWords);
  const [at, setAt] = useState(0);
  const hits = useHits(plainText(text), words);
  const active = Math.min(at, hits.length - 1);
  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    navigate(hit.href);
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((active + step + hits.length) % hits.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(hits[active]);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t('console.command')}>
      <input
        className="input"
        type="search"
        role="combobox"
        aria-label={t('console.commandHint')}
        placeholder={t('console.commandHint')}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={`${list}-${active}`}
        autoComplete="off"
        dir="auto"
        // The dialog is opened to type into it.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <ul id={list} role="listbox" aria-label={t('console.command')} className="commands">
        {hits.map(({ href, icon: Icon, name, more }, index) => (
          // The input keeps the focus and hears the keys.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={href}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            className="command"
            onMouseMove={() => setAt(index)}
            onClick={() => go(hits[index])}
          >
            <Icon size={18} aria-hidden="true" />
            <span className="truncate" dir="auto">
              {name}
            </span>
            {more && (
              <span className="muted small truncate" dir="ltr">
                {more}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Everything in the console by its name: Ctrl or ⌘ with K from anywhere in it. */
export function CommandBar() {
  const t = useT();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const hear = (event: globalThis.KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  return (
    <>
      <button type="button" className="btn btn-s command-open" onClick={() => setOpen(true)}>
        <Search size={16} aria-hidden="true" />
        {t('console.command')}
        <kbd aria-hidden="true">{kMac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      {open && <Commands onClose={() => setOpen(false)} />}
    </>
  );
}
