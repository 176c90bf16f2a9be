/** The mark: an eight-pointed star and a payment on its way. Coloured by the surface it is on. */
export function Mark() {
  return (
    <svg viewBox="0 0 64 64" width="64" height="64" aria-hidden="true">
      <path
        className="mark-bg"
        d="M32 2 40.8 10.8H53.2V23.2L62 32 53.2 40.8V53.2H40.8L32 62 23.2 53.2H10.8V40.8L2 32 10.8 23.2V10.8H23.2Z"
      />
      <path
        className="mark-fg"
        d="M20 38.5 36 22.5H27.5V18H44v16.5h-4.5V26L23.5 42ZM20 44.5h24V48H20Z"
      />
    </svg>
  );
}
