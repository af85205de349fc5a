// One choice that narrows a list at once.
// SPDX-License-Identifier: Apache-2.0
import type { Option } from './fields';

export function Filter({
  label,
  options,
  value,
  all = 'All',
  onPick,
}: {
  label: string;
  options: readonly Option[];
  value: string | undefined;
  all?: string;
  onPick: (value: string | undefined) => void;
}) {
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
