import { useEffect, useRef, useState } from 'react';
import { between, type Money as Amount } from '../money/money';
import { Money } from './Money';

const kDurationMs = 700;
const calm = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** An amount that counts to its new value when it changes; the true value is what is read out. */
export function CountUp({ amount, currency }: { amount: Amount; currency: string }) {
  const [shown, setShown] = useState(amount);
  const from = useRef(amount);

  useEffect(() => {
    if (from.current === amount) return;
    const start = from.current;
    const duration = calm() ? 1 : kDurationMs;
    const began = performance.now();
    let frame = 0;
    const step = (now: number) => {
      const part = Math.min(1, (now - began) / duration);
      const eased = Math.round(1000 * (1 - (1 - part) ** 3));
      const value = part === 1 ? amount : between(start, amount, eased);
      from.current = value;
      setShown(value);
      if (part < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [amount]);

  return <Money fit amount={shown} currency={currency} />;
}
