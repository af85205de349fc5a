// A search box with its buttons.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { text } from './clean';

interface SearchProps {
  label: string;
  value: string;
  onSearch: (value: string) => void;
  children?: ComponentChildren;
}

export function Search({ label, value, onSearch, children }: SearchProps) {
  const [round, setRound] = useState(0);
  return (
    <form
      class="c-search c-row"
      role="search"
      aria-label={label}
      key={round}
      onSubmit={(e) => {
        e.preventDefault();
        onSearch(text(String(new FormData(e.currentTarget).get('q') ?? '')));
      }}
    >
      <div>
        <label class="ds-c-label" for="search-box">
          {label}
        </label>
        <input
          class="ds-c-field"
          id="search-box"
          name="q"
          type="text"
          autoComplete="off"
          maxLength={60}
          defaultValue={value}
        />
      </div>
      {children}
      <div class="c-row__buttons">
        <button type="submit" class="ds-c-button ds-c-button--solid">
          Search
        </button>
        <button
          type="button"
          class="ds-c-button"
          onClick={() => {
            onSearch('');
            setRound(round + 1);
          }}
        >
          Reset
        </button>
      </div>
    </form>
  );
}
