// A claim: what can be done now and until when, its lines and adjustments, its remittance, and its history.
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Id, LinkButton, PrintButton, Status, Waiting } from '../../ui/bits';
import { date, daysLeft, instant, money } from '../../ui/format';
import { Page } from '../../ui/page';
import { appealOutcome, AppealStatus, ConfirmationNo } from '../appeal/words';
import { useAccountId } from '../provider_account/account';
import { methodWords } from '../remittance/words';
import { ClaimHeader, ClaimHistory, ClaimLines } from './claim-parts';

type Claim = Schemas['Claim'];

export const useClaim = (account: string, claim: string) =>
  useQuery({
    queryKey: ['claim', account, claim],
    queryFn: () =>
      ok(
        api.GET('/api/v1/provider-accounts/{provider_account_id}/claims/{claim_id}', {
          params: { path: { provider_account_id: account, claim_id: claim } },
        }),
      ),
  });

export default function ClaimPage() {
  const account = useAccountId();
  const query = useClaim(account, useRoute().params.claim_id ?? '');
  const claim = query.data;
  const base = `/provider-accounts/${account}`;
  return (
    <Page
      title="Claim"
      heading={
        claim ? (
          <>
            Claim <span class="c-id c-id--heading">{claim.control_no}</span>
          </>
        ) : (
          'Claim'
        )
      }
      crumbs={[[`${base}/claims`, 'Claims']]}
      actions={claim ? <PrintButton /> : undefined}
    >
      <Waiting query={query} />
      {claim ? (
        <>
          <ClaimHeader claim={claim} />
          <WhatNow claim={claim} base={base} />
          <ClaimLines claim={claim} />
          <RemittanceOf claim={claim} base={base} />
          <ClaimHistory claim={claim} />
        </>
      ) : null}
    </Page>
  );
}

function WhatNow({ claim, base }: { claim: Claim; base: string }) {
  return (
    <section class="c-panel" aria-labelledby="what-now">
      <h2 id="what-now">What you can do now</h2>
      {claim.appeal ? (
        <p>
          <a href={`${base}/redeterminations/${claim.appeal.appeal_id}`}>
            Redetermination <ConfirmationNo>{claim.appeal.confirmation_no}</ConfirmationNo>
          </a>
          , filed {instant(claim.appeal.filed_at)}: <AppealStatus status={claim.appeal.status} />
          {claim.appeal.outcome ? ` ${appealOutcome(claim.appeal.outcome)}` : ''}
        </p>
      ) : null}
      {claim.possible_actions.length ? null : <p>You do not need to do anything.</p>}
      <ul class="c-now" role="list">
        {claim.possible_actions.map((action) => (
          <Action key={action.action} action={action} claim={claim} base={base} />
        ))}
      </ul>
    </section>
  );
}

interface ActionProps {
  action: Schemas['PossibleAction'];
  claim: Claim;
  base: string;
}

function Action({ action, claim, base }: ActionProps) {
  const days = action.days_left;
  return (
    <li>
      <p>{action.words}</p>
      {action.deadline_on ? (
        <p>
          Last day: <strong>{date(action.deadline_on)}</strong>{' '}
          {days === null ? null : (
            <Status tone={days < 0 ? 'bad' : days <= 14 ? 'wait' : 'plain'}>
              {daysLeft(days)}
            </Status>
          )}
        </p>
      ) : null}
      {action.rule ? <p class="c-quiet">Rule: {action.rule}</p> : null}
      {action.allowed && action.action === 'redetermination' ? (
        <p class="c-no-print">
          <LinkButton solid href={`${base}/claims/${claim.claim_id}/redetermination`}>
            File a redetermination
          </LinkButton>
        </p>
      ) : null}
      {action.action === 'view_redetermination' && claim.appeal ? (
        <p class="c-no-print">
          <LinkButton href={`${base}/redeterminations/${claim.appeal.appeal_id}`}>
            View the redetermination
          </LinkButton>
        </p>
      ) : null}
    </li>
  );
}

function RemittanceOf({ claim, base }: { claim: Claim; base: string }) {
  const remittance = claim.remittance;
  if (!remittance) return null;
  return (
    <>
      <h2>Remittance</h2>
      <Facts
        items={[
          ['Check or EFT number', <Id copy="check or EFT number">{remittance.payment_number}</Id>],
          ['Method', methodWords(remittance.method)],
          ['Paid on', date(remittance.paid_on)],
          ['Total payment', money(remittance.amount)],
          [
            'Balance',
            remittance.balanced ? null : (
              <Status tone="wait">Amounts do not add up to the payment</Status>
            ),
          ],
        ]}
      />
      <p class="c-no-print">
        <a href={`${base}/remittances/${remittance.remittance_id}`}>
          View the remittance and all its claims
        </a>
      </p>
    </>
  );
}
