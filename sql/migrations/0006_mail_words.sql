-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Words of the mails, the contractor's to edit. {name} is replaced by what the sender of the mail gives. No mail names a
-- patient, a CSN or an access code; what holds a code says so (holds_secret) and its text is wiped once it is sent.
INSERT INTO connex.mail_template (name, holds_secret, subject, body) VALUES
('email_confirmation', true, 'Connex Email Confirmation',
'Hello {first_name},

this code confirms that your e-mail address is yours:

    {code}

Enter it on the page "Verify your e-mail address". It is good for {hours} hours. If you asked for another one, only the newest code works.

If you did not make an account at Connex, ignore this mail.
'),
('security_code', true, 'Your Security Code',
'Hello {first_name},

your security code is:

    {code}

It is good until 11:59 PM today, for as many log-ins as you make. If you asked for another one, only the newest code works.

Nobody who works for us will ever ask you for this code. If you did not just log in to Connex, somebody knows your password: change it now.
'),
('forgotten_user_id', false, 'Your Connex User ID',
'Hello {first_name},

your User ID is {user_id}.

If you did not ask for it, you need to do nothing.
'),
('password_code', true, 'Your code for a new password',
'Hello {first_name},

this code lets you set a new password:

    {code}

It is good for {minutes} minutes and for one use.

If you did not ask for it, ignore this mail: your password stays as it is.
'),
('password_changed', false, 'Your Connex password was changed',
'Hello {first_name},

the password of your Connex account was changed on {at}, and your other sessions were ended.

If you did not do this, use "Can''t log in" on the log-in page now to set a new password, and tell your Local Security Officer (LSO).
'),
('email_changed', false, 'Your Connex e-mail address was changed',
'Hello {first_name},

the e-mail address of your Connex account was changed on {at}. Mail goes to the new address from now on.

If you did not do this, tell your Local Security Officer (LSO) and your contractor at once.
'),
('access_requested', false, 'Connex: a request for access waits for you',
'Hello {first_name},

{requester} asks for access to {provider} (NPI {npi}).

You are a Local Security Officer (LSO) of this provider account. Log in to Connex and open User Management to approve or decline the request.
'),
('access_request_copy', false, 'Connex: your request for access',
'Hello {first_name},

we have your request for access to {provider} (NPI {npi}).

{next}

You can follow the request in Connex under Manage Account, System Access.
'),
('access_approved', false, 'Connex: your access was approved',
'Hello {first_name},

your access to {provider} (NPI {npi}) was approved. You can use: {functions}.
'),
('access_changed', false, 'Connex: your access was changed',
'Hello {first_name},

your access to {provider} (NPI {npi}) was changed. You can now use: {functions}.
'),
('access_declined', false, 'Connex: your request for access was declined',
'Hello {first_name},

your request for access to {provider} (NPI {npi}) was declined.

Comment: {comment}

You can see the request in Connex under Manage Account, System Access, and ask again once what is missing is there.
'),
('access_removed', false, 'Connex: your access was removed',
'Hello {first_name},

your access to {provider} (NPI {npi}) was removed.

Comment: {comment}
'),
('access_code_mailed', false, 'Connex: your access code is on its way',
'Hello {first_name},

your request to be Local Security Officer (LSO) of {provider} (NPI {npi}) was approved.

A letter with the access code goes by post to the billing address on file; allow 7 to 10 business days. When you have it, log in to Connex, open Manage Account, System Access, and enter the code by {expires_on}.
'),
('appeal_received', false, 'Connex: we have your redetermination request {confirmation_number}',
'Hello {first_name},

we received your redetermination request on {at}. Its confirmation number is {confirmation_number}.

You can follow it, and download the receipt, in Connex under Appeals.
'),
('appeal_decided', false, 'Connex: decision on redetermination request {confirmation_number}',
'Hello {first_name},

the redetermination request {confirmation_number} was decided. Log in to Connex and open Appeals to read the decision.
');

INSERT INTO connex.setting (name, kind, value, default_value, rule, documentation) VALUES
  ('security_codes_per_hour', 'integer', '10', '10', 'MFA-07', 'Security and e-mail codes mailed to one account in an hour.'),
  ('email_code_hours', 'integer', '24', '24', 'EML-01', 'Life of the code that confirms an e-mail address.');

-- migrate:down
