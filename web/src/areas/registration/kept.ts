// What a registration holds while its steps are filled in. It is in memory only, and gone after Cancel, after Finish, and
// with the tab. Nothing reaches the server before Finish (REG-10).
// SPDX-License-Identifier: Apache-2.0
import type * as v from 'valibot';
import type { Schemas } from '../../api/client';
import { type FieldErrors, readForm, useForm } from '../../ui/form';
import { keeps } from '../../ui/memory';
import { accessBody, type AccessForm } from '../access/access-schema';
import { attestedVersion } from '../session/attestation';
import { type accountSchema, type individualSchema, STEP_OF, type Step } from './schemas';

interface Kept {
  account?: v.InferOutput<typeof accountSchema>;
  individual?: v.InferOutput<typeof individualSchema>;
  business?: AccessForm;
  errors: FieldErrors;
  /** The contents of each step's boxes, checked or not, so that Back loses nothing. */
  typed: Partial<Record<Step, Record<string, any>>>;
}

export let kept: Kept = { errors: {}, typed: {} };

export const dropRegistration = () => {
  kept = { errors: {}, typed: {} };
};
keeps({ forget: dropRegistration, unsent: () => Object.keys(kept.typed).length > 0 });

/** The number of steps that are complete: the first step that is not can be shown. */
export const completeSteps = (): number =>
  !kept.account ? 0 : !kept.individual ? 1 : !kept.business ? 2 : 3;

/** The form of one step. It shows the server's errors in its fields until it is sent again. */
export function useStepForm<S extends v.GenericSchema<any, any>>(
  step: Step,
  schema: S,
  keep: (value: v.InferOutput<S>) => void,
  lists?: string[],
) {
  const form = useForm(
    schema,
    (value) => {
      for (const name of Object.keys(kept.errors))
        if (STEP_OF[name] === step) delete kept.errors[name];
      keep(value);
    },
    { lists },
  );
  const earlier = Object.fromEntries(
    Object.entries(kept.errors).filter(([name]) => STEP_OF[name] === step),
  );
  const onInput = (event: Event) => {
    kept.typed[step] = readForm((event.target as HTMLInputElement).form!, lists);
  };
  return { ...form, errors: form.attempt ? form.errors : earlier, onInput };
}

type Complete = Required<Kept>;

/** The registration as it is sent. */
export function bodyOf({ account, individual, business }: Complete): Schemas['RegistrationNew'] {
  return {
    attestation_version: attestedVersion()!,
    ...account,
    ...individual,
    ...accessBody(business),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  } as Schemas['RegistrationNew'];
}
