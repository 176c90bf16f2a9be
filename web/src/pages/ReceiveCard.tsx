import type { User } from '../api/types';
import { plainText } from '../lib/text';
import { useDraft } from '../lib/useDraft';
import { payLink } from '../pay/link';
import { CounterCard } from '../ui/CounterCard';
import { useAmounts } from '../ui/useAmounts';
import '../styles/receive.css';

/** What Receive shows, as a card for a counter. */
export default function ReceiveCard({ me }: { me: User }) {
  const [amountText] = useDraft<string>('receive.amount', '');
  const [note] = useDraft<string>('receive.note', '');
  const parsed = useAmounts().read(amountText);
  const amount = parsed.ok ? parsed.minor : null;
  const link = payLink(window.location.origin, { to: me.id, amount, note: plainText(note) });
  return <CounterCard me={me} link={link} amount={amount} note={plainText(note)} back="/receive" />;
}
