import { useEffect, useState } from 'react';

type Answer<T> = { data: T; error?: never } | { data?: never; error: unknown };

/** What one request answers, once for each `key`: for pages before the sign-in, which do without the query client. */
export function useAnswer<T>(key: string, ask: () => Promise<T>) {
  const [tries, setTries] = useState(0);
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  useEffect(() => {
    let gone = false;
    const tell = (next: Answer<T>) => {
      if (!gone) setAnswer(next);
    };
    ask().then(
      (data) => tell({ data }),
      (error: unknown) => tell({ error }),
    );
    return () => {
      gone = true;
    };
    // The key stands for what is asked.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, tries]);
  return {
    data: answer?.data,
    /** Undefined while nothing is known. */
    error: answer?.error,
    again: () => {
      setAnswer(null);
      setTries(tries + 1);
    },
  };
}
