import { Route, Switch } from 'wouter';
import type { User } from '../api/types';
import '../styles/holds.css';
import { HoldPage } from './HoldPage';
import { HoldsPage } from './HoldsPage';

/** Money that is set aside: the list, and each of them. */
export default function Holds({ me }: { me: User }) {
  return (
    <Switch>
      <Route path="/holds/:id">{({ id }) => <HoldPage key={id} me={me} id={id} />}</Route>
      <Route>
        <HoldsPage />
      </Route>
    </Switch>
  );
}
