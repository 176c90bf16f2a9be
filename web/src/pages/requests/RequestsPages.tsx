import { Route, Switch } from 'wouter';
import type { User } from '../../api/types';
import { NotFoundPage } from '../NotFoundPage';
import { AskPage } from './AskPage';
import { CodePage, RequestCardPage, RequestPage } from './RequestPage';
import { RequestsPage } from './RequestsPage';
import '../../styles/requests.css';

/** Asking for money; `code`: what a link of somebody else's names. */
export default function RequestsPages({ me, code }: { me: User; code?: string }) {
  if (code !== undefined) return <CodePage me={me} code={code} />;
  return (
    <Switch>
      <Route path="/requests">
        <RequestsPage />
      </Route>
      <Route path="/requests/new">
        <AskPage me={me} />
      </Route>
      <Route path="/requests/:id">{({ id }) => <RequestPage key={id} me={me} id={id} />}</Route>
      <Route path="/requests/:id/card">
        {({ id }) => <RequestCardPage key={id} me={me} id={id} />}
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}
