import { local } from './store';

export type Theme = 'system' | 'light' | 'dark';
const kStored = 'instapay.theme';

export function theme(): Theme {
  const value = document.documentElement.dataset['theme'];
  return value === 'light' || value === 'dark' ? value : 'system';
}

export function setTheme(next: Theme) {
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  local.write(kStored, next === 'system' ? null : next);
}
