// A choice that filters a list at once.
// SPDX-License-Identifier: Apache-2.0
import type { Option } from './fields';

interface FilterProps {
  label: string;
  options: readonly Option[];
  value: string | undefined;
  /** The text of the choice that does not filter. */
  all?: string;
  onPick: (value: string | undefined) => void;
}

export function Filter({ label, options, value, all = 'All', onPick }: FilterProps) {
  const id = `filter-${label.replace(/\W+/g, '-').toLowerCase()}`;
  return (
    <div class="c-no-print">
      <label class="ds-c-label" for={id}>
        {label}
      </label>
      <select
        id={id}
        class="ds-c-field ds-c-field--medium c-select"
        onChange={(e) => onPick(e.currentTarget.value || undefined)}
      >
        <option value="" selected={!value}>
          {all}
        </option>
        {options.map(([key, words]) => (
          <option key={key} value={key} selected={key === value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
