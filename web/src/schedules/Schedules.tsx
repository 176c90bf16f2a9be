import { Route, Switch } from 'wouter';
import { SchedulePage } from './SchedulePage';
import { SchedulesPage } from './SchedulesPage';

/** Planned payments: the list, and each of them. */
export default function Schedules() {
  return (
    <Switch>
      <Route path="/schedules/:id">{({ id }) => <SchedulePage key={id} id={id} />}</Route>
      <Route>
        <SchedulesPage />
      </Route>
    </Switch>
  );
}
