import { Route, Switch } from 'wouter';
import type { User } from '../api/types';
import { DrawPage, MandatePage } from './MandatePage';
import { MandatesPage } from './MandatesPage';
import { NewMandatePage } from './NewMandatePage';
import '../styles/requests.css';
import '../styles/schedules.css';

/** What others may draw from the person, and the person from others. */
export default function Mandates({ me }: { me: User }) {
  return (
    <Switch>
      <Route path="/mandates/new">
        <NewMandatePage me={me} />
      </Route>
      <Route path="/mandates/draws/:id">{({ id }) => <DrawPage key={id} id={id} />}</Route>
      <Route path="/mandates/:id">{({ id }) => <MandatePage key={id} me={me} id={id} />}</Route>
      <Route>
        <MandatesPage />
      </Route>
    </Switch>
  );
}
