// A new password with its confirmation, in the three forms that set one (PWD-01, REG-04, FGT-03).
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';

const PASSWORD_MIN = 15;

export const PASSWORD_HINT = `At least ${PASSWORD_MIN} characters, without your name or user ID. You can use any characters and paste it.`;

const entered = (empty: string) => v.pipe(v.optional(v.string(), ''), v.minLength(1, empty));

/** A password that exists already. */
export const currentPassword = (empty: string) => entered(empty);

export const newPassword = {
  password: v.pipe(
    entered('Enter a password.'),
    v.minLength(
      PASSWORD_MIN,
      `Use at least ${PASSWORD_MIN} characters. Several words in a row are easy to remember.`,
    ),
  ),
  password_again: entered('Enter the password again.'),
};

interface Both {
  password: string;
  password_again: string;
}
export const samePasswords = (form: Both): boolean =>
  !form.password_again || form.password === form.password_again;
export const PASSWORDS_DIFFER =
  'The passwords do not match. Enter the same password in both boxes.';
