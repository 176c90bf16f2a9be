import { tab } from './store';

const kLast = 'instapay.activity';

export const rememberActivity = (search: string) => tab.write(kLast, search || null);

/** Where an entry's page leads back to: the list as it was last filtered in this tab. */
export function activityPath(): string {
  const search = tab.read(kLast);
  return search ? `/activity?${search}` : '/activity';
}
