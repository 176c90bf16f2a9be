import { useState, type ChangeEvent, type SubmitEvent } from 'react';
import type { Check } from './checks';
import { readJson, tab, writeJson } from './store';

type Values = Record<string, string>;
type NameOf<T> = keyof T & string;
type Errors<T> = Partial<Record<NameOf<T>, string | undefined>>;
type Options<T extends Values> = {
  checks: Record<NameOf<T>, Check>;
  initial: T;
  /** Keeps what was typed through a reload, in this tab only. Name only fields that are not secret. */
  draft?: { name: string; fields: NameOf<T>[] };
};
/** What an attempt to send the form may find wrong. */
type Refusing<T> = {
  /** By the code of fieldError in the texts; the field is brought into focus. */
  refuse: (name: NameOf<T>, code: string) => void;
  /** In words, of the form as a whole. */
  fail: (why: string) => void;
  /** The field, with what it has selected, so that it can be typed anew. */
  select: (name: NameOf<T>) => void;
};

function input(form: HTMLFormElement, name: string): HTMLInputElement | null {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLInputElement ? found : null;
}

function check<T extends Values>(checks: Record<NameOf<T>, Check>, values: T) {
  const errors: Errors<T> = {};
  const sent: Values = {};
  for (const name of Object.keys(values) as NameOf<T>[]) {
    const { text, code } = checks[name](values[name] ?? '');
    sent[name] = text;
    if (code !== undefined) errors[name] = code;
  }
  return { errors, sent: sent as T };
}

/** What the server refused is said before what is seen here. */
function merged<T>(seen: Errors<T>, refused: Errors<T>): Errors<T> {
  const both = { ...seen };
  for (const name of Object.keys(refused) as NameOf<T>[]) both[name] = refused[name] ?? seen[name];
  return both;
}

const keyOf = (name: string) => `instapay.draft.${name}`;

function kept<T extends Values>({ draft }: Options<T>): Partial<T> {
  const saved = draft && (readJson(tab, keyOf(draft.name)) as Record<string, unknown> | null);
  return Object.fromEntries(
    (draft?.fields ?? []).flatMap((name) => {
      const text = saved?.[name];
      return typeof text === 'string' && text !== '' ? [[name, text]] : [];
    }),
  ) as Partial<T>;
}

/** A form of text fields: checked when it is sent, and from then on while it is corrected. */
export function useForm<T extends Values>(options: Options<T>) {
  const { checks, draft } = options;
  const [initial, setInitial] = useState(options.initial);
  const [values, setValues] = useState<T>(() => ({ ...options.initial, ...kept(options) }));
  // By the server, until they are corrected.
  const [refused, setRefused] = useState<Errors<T>>({});
  const [failure, setFailure] = useState<string>();
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);

  // A password manager changes several fields before the page is rendered again.
  const change = (name: NameOf<T>, text: string) => {
    setValues((others) => ({ ...others, [name]: text }));
    setRefused((others) => ({ ...others, [name]: undefined }));
    if (draft?.fields.includes(name)) {
      const key = keyOf(draft.name);
      writeJson(tab, key, { ...(readJson(tab, key) as object | null), [name]: text });
    }
  };
  const errors: Errors<T> = tried ? merged(check(checks, values).errors, refused) : {};

  return {
    errors,
    failure,
    busy,
    dirty: Object.entries(values).some(([name, text]) => text !== initial[name]),
    /** What a field of this name takes. */
    field: (name: NameOf<T>) => ({
      name,
      value: values[name],
      onChange: (event: ChangeEvent<HTMLInputElement>) => change(name, event.target.value),
    }),
    clear: (name: NameOf<T>) => {
      change(name, '');
      setTried(false);
    },
    /** Begins anew, with these where they are given. */
    reset: (next: T = initial) => {
      setInitial(next);
      setValues(next);
      setRefused({});
      setTried(false);
    },
    clearDraft: () => draft && writeJson(tab, keyOf(draft.name), null),
    /** What the form does when it is sent with all fields right. */
    onSubmit:
      (send: (fields: T, wrong: Refusing<T>) => Promise<void>) =>
      (event: SubmitEvent<HTMLFormElement>) => {
        event.preventDefault();
        if (busy) return;
        const form = event.currentTarget;
        // As the fields are: not every way to fill them tells at once.
        const typed = Object.fromEntries(
          Object.keys(values).map((name) => [name, input(form, name)?.value ?? '']),
        ) as T;
        const found = check(checks, typed);
        setValues(typed);
        setTried(true);
        setRefused({});
        setFailure(undefined);
        const [first] = Object.keys(found.errors);
        if (first !== undefined) return input(form, first)?.focus();
        setBusy(true);
        void send(found.sent, {
          refuse: (name, code) => {
            setRefused((others) => ({ ...others, [name]: code }));
            input(form, name)?.focus();
          },
          fail: setFailure,
          select: (name) => {
            input(form, name)?.focus();
            input(form, name)?.select();
          },
        }).finally(() => setBusy(false));
      },
  };
}
