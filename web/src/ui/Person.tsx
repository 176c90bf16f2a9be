type Person = { displayName: string; username: string };

/** Who somebody is, beside their avatar: the name over the username. */
export function PersonTitle({ person }: { person: Person }) {
  return (
    <>
      <span className="item-title entry-name" dir="auto">
        {person.displayName}
      </span>
      <span className="item-sub" dir="ltr">
        @{person.username}
      </span>
    </>
  );
}

/** The same in a row of facts. */
export function PersonFact({ person }: { person: Person }) {
  return (
    <>
      <bdi>{person.displayName}</bdi>
      <br />
      <span className="muted small" dir="ltr">
        @{person.username}
      </span>
    </>
  );
}
