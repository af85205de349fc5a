// Help: how to start, what the terms mean, logging in, accessibility, and privacy.
// SPDX-License-Identifier: Apache-2.0
import { Page } from '../../ui/page';

const LINKS: [string, string, string][] = [
  ['https://nppes.cms.hhs.gov/', 'NPPES', 'apply for an NPI or update its record'],
  ['https://pecos.cms.hhs.gov/', 'PECOS', 'enroll in Medicare and keep the enrollment current'],
  ['https://www.cms.gov/', 'CMS', 'Medicare rules, forms, and manuals'],
];

export default function Help() {
  return (
    <Page title="Help" narrow>
      <Start />
      <Terms />
      <LoggingIn />
      <OtherSites />
      <Statements />
    </Page>
  );
}

function Start() {
  return (
    <>
      <h2>How to get started</h2>
      <ol class="c-list">
        <li>
          <a href="/create-account">Create an account</a>. You need the NPI, the PTAN, and the last
          five digits of the TIN.
        </li>
        <li>
          Verify your e-mail address with the code that we send you. Then log in with the security
          code for the day.
        </li>
        <li>
          The first person in an office requests to be its Local Security Officer (LSO), with the
          number and amount of a recent Medicare payment. The contractor then mails an access code
          to the billing address on file.
        </li>
        <li>
          The LSO enters the access code under Manage account and then sees the CSN. Others in the
          office request access with the CSN.
        </li>
      </ol>
    </>
  );
}

function Terms() {
  return (
    <>
      <h2>Terms</h2>
      <dl class="c-facts c-facts--wide">
        <div>
          <dt>Provider account</dt>
          <dd>
            One PTAN with its NPI and TIN. You work with one provider account at a time. Its name is
            at the top of the page.
          </dd>
        </div>
        <div>
          <dt>Local Security Officer (LSO)</dt>
          <dd>
            The person in your office who approves, changes, and removes access for the others.
          </dd>
        </div>
        <div>
          <dt>Access code</dt>
          <dd>A code that is mailed to the billing address. It activates the first LSO.</dd>
        </div>
        <div>
          <dt>CSN</dt>
          <dd>
            The customer service number of a provider account. Your LSO can tell you what it is.
          </dd>
        </div>
        <div>
          <dt>Redetermination</dt>
          <dd>
            The first level of appeal. You must file it within 120 days of receiving the initial
            determination on the claim (42 CFR 405.942).
          </dd>
        </div>
      </dl>
    </>
  );
}

function LoggingIn() {
  return (
    <>
      <h2>Logging in</h2>
      <p>
        After three log-ins with a wrong user ID or password within two hours, your account is
        locked for 15 minutes. If you try again during that time, it is locked for 180 minutes.{' '}
        <a href="/cant-log-in">A new password</a> unlocks it immediately.
      </p>
      <p>If you need help, ask your LSO first.</p>
    </>
  );
}

function OtherSites() {
  return (
    <>
      <h2>Other sites</h2>
      <ul class="c-list">
        {LINKS.map(([href, name, words]) => (
          <li key={href}>
            <a href={href} rel="noreferrer">
              {name}
            </a>
            : {words}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Accessibility and privacy. */
function Statements() {
  return (
    <>
      <h2 id="accessibility">Accessibility</h2>
      <p>
        Connex is built to meet WCAG 2.2, level AA. Every page works with a keyboard and with a
        screen reader, on a screen 320 pixels wide, and at 400 percent zoom. If something does not
        work for you, tell your contractor’s provider contact center, so that it can be fixed.
      </p>
      <h2 id="privacy">Privacy</h2>
      <p>
        Connex records who looked at which record, and when. It sets one cookie, which keeps you
        logged in and ends with your session. Nothing is shared with anyone else, and no web address
        on this site contains a person’s name or number.
      </p>
    </>
  );
}
