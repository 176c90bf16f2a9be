import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';

export type Look = {
  look?: 'plain' | 'primary' | 'danger' | 'outline' | 'quiet';
  small?: boolean;
  block?: boolean;
};

export function classes({ look = 'plain', small, block }: Look, extra?: string): string {
  return [
    'btn',
    look === 'plain' ? '' : `btn-${look}`,
    small ? 'btn-s' : '',
    block ? 'btn-block' : '',
    extra ?? '',
  ]
    .filter(Boolean)
    .join(' ');
}

type ButtonProps = ComponentProps<'button'> & Look & { busy?: boolean };

/** While busy it keeps focus and size, and refuses further clicks. */
export function Button({
  look,
  small,
  block,
  busy = false,
  type = 'button',
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={busy ? 'button' : type}
      className={classes({ ...(look ? { look } : {}), small: !!small, block: !!block }, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy && <span className="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

export function ButtonLink({
  look,
  small,
  block,
  className,
  href,
  children,
}: Look & { className?: string; href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      className={classes({ ...(look ? { look } : {}), small: !!small, block: !!block }, className)}
    >
      {children}
    </Link>
  );
}
