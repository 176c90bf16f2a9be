import { Route, Switch } from 'wouter';
import type { User } from '../api/types';
import { NotFoundPage } from '../pages/NotFoundPage';
import { NewSplitPage } from './NewSplitPage';
import { SplitPage } from './SplitPage';
import { SplitsPage } from './SplitsPage';
import '../styles/requests.css';
import '../styles/splits.css';

/** A sum that is asked of several people. */
export default function Splits({ me }: { me: User }) {
  return (
    <Switch>
      <Route path="/splits">
        <SplitsPage />
      </Route>
      <Route path="/splits/new">
        <NewSplitPage me={me} />
      </Route>
      <Route path="/splits/:id">{({ id }) => <SplitPage key={id} id={id} />}</Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}
