// The form of the claim search.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import type { Schemas } from '../../api/client';
import * as check from '../../ui/checks';
import * as clean from '../../ui/clean';
import { ErrorSummary } from '../../ui/error-summary';
import { DateField, Field, SelectField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { date } from '../../ui/format';
import { CLAIM_STATUSES, isClaimStatus } from './words';

export type ClaimFilter = Omit<Schemas['ClaimSearch'], 'limit' | 'after'>;
export type Numbers = Pick<ClaimFilter, 'mbi' | 'control_no' | 'patient_control_no'>;

const anyIdentifier = v.pipe(
  v.optional(v.string(), ''),
  v.transform((s) => clean.identifier(s) || undefined),
);
const schema = v.pipe(
  v.object({
    mbi: v.pipe(
      anyIdentifier,
      v.check(
        (m) => !m || /^[0-9A-Z]{11}$/.test(m),
        'A Medicare Number has 11 letters and digits. Check the card, or leave this box empty.',
      ),
    ),
    control_no: anyIdentifier,
    patient_control_no: check.optional(),
    from: check.optionalDate(),
    to: check.optionalDate(),
    status: v.pipe(
      v.optional(v.string(), ''),
      v.transform((word) => (isClaimStatus(word) ? word : undefined)),
    ),
  }),
  v.forward(v.partialCheck([['from'], ['to']], check.daysInOrder, check.DAYS_REVERSED), ['to']),
);

interface SearchFormProps {
  filter: ClaimFilter;
  onSearch: (filter: ClaimFilter) => void;
}

export function SearchForm({ filter, onSearch }: SearchFormProps) {
  const [round, setRound] = useState(0);
  const form = useForm(schema, onSearch);
  const reset = () => {
    onSearch({});
    form.setErrors({});
    setRound(round + 1); // empties the boxes
  };
  const common = { form, optional: 'quiet' } as const;
  return (
    <form noValidate onSubmit={form.onSubmit} key={round} class="c-no-print">
      <ErrorSummary form={form} />
      <div class="c-columns c-columns--narrow">
        <Field {...common} name="mbi" label="Medicare Number (MBI)" value={filter.mbi} />
        <Field
          {...common}
          name="control_no"
          label="Claim number (ICN or DCN)"
          value={filter.control_no}
        />
        <Field
          {...common}
          name="patient_control_no"
          label="Your patient account number"
          value={filter.patient_control_no}
        />
        <DateField
          {...common}
          name="from"
          label="Service from"
          value={date(filter.from)}
          hint="Such as 01/31/2026"
        />
        <DateField
          {...common}
          name="to"
          label="Service to"
          value={date(filter.to)}
          hint="Such as 02/28/2026"
        />
        <SelectField
          {...common}
          name="status"
          label="Status"
          options={CLAIM_STATUSES}
          value={filter.status}
          empty="All"
        />
      </div>
      <div class="c-actions">
        <Submit form={form}>Search</Submit>
        <button type="button" class="ds-c-button" onClick={reset}>
          Reset
        </button>
      </div>
    </form>
  );
}
