import { useId } from 'react';

type Props<T extends string> = {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
};

/** One of a few: native radio buttons, so arrow keys and screen readers work as people expect. */
export function Segments<T extends string>({ label, value, options, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The same with its name above it, as a field has. */
export function SegmentsField<T extends string>(props: Props<T>) {
  return (
    <div className="field">
      <span className="field-name" aria-hidden="true">
        {props.label}
      </span>
      <Segments {...props} />
    </div>
  );
}
