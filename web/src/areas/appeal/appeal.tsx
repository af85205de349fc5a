// A redetermination: the confirmation right after filing, the receipt, the status, and the decision.
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useLocation, useRoute } from 'preact-iso';
import { api, ok } from '../../api/client';
import { Id, Note, PrintButton, Waiting } from '../../ui/bits';
import { Page } from '../../ui/page';
import { useAccountId } from '../provider_account/account';
import { AppealFacts, AppealHistory, Attachments, Decision, dueWords } from './appeal-parts';

export default function AppealPage() {
  const account = useAccountId();
  const { query: url } = useLocation();
  const path = { provider_account_id: account, appeal_id: useRoute().params.appeal_id ?? '' };
  const query = useQuery({
    queryKey: ['appeal', path],
    queryFn: () =>
      ok(
        api.GET('/api/v1/provider-accounts/{provider_account_id}/redeterminations/{appeal_id}', {
          params: { path },
        }),
      ),
  });
  const appeal = query.data;
  const base = `/provider-accounts/${account}`;
  const receipt = `/api/v1${base}/redeterminations/${path.appeal_id}/receipt`;
  return (
    <Page
      title={url.filed === 'yes' ? 'Redetermination received' : 'Redetermination'}
      crumbs={[[`${base}/redeterminations`, 'Redeterminations']]}
      actions={
        appeal ? (
          <>
            <a class="ds-c-button ds-c-button--small" href={receipt} download>
              Receipt (PDF)
            </a>
            <PrintButton />
          </>
        ) : undefined
      }
    >
      <Waiting query={query} />
      {appeal ? (
        <>
          {url.filed === 'yes' ? (
            <Note tone="success" heading="Your redetermination was received">
              <p>
                Confirmation number:{' '}
                <strong>
                  <Id copy="confirmation number">{appeal.confirmation_no}</Id>
                </strong>
              </p>
              <p>
                Keep this number, or save the{' '}
                <a href={receipt} download>
                  receipt (PDF)
                </a>
                .
              </p>
              <p>{dueWords(appeal)} You will get an e-mail when it is decided.</p>
            </Note>
          ) : null}
          <Decision appeal={appeal} />
          <AppealFacts
            appeal={appeal}
            claimLink={
              <a href={`${base}/claims/${appeal.claim_id}`}>
                <span class="c-id c-id--link">{appeal.control_no}</span>
              </a>
            }
          />
          <Attachments appeal={appeal} />
          <AppealHistory appeal={appeal} />
        </>
      ) : null}
    </Page>
  );
}
