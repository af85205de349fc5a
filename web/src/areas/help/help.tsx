// Help in the page itself: what the words mean, how to begin, whom to ask; accessibility and privacy.
// SPDX-License-Identifier: Apache-2.0
import { Page } from '../../ui/page';

const LINKS: [string, string, string][] = [
  ['https://nppes.cms.hhs.gov/', 'NPPES', 'apply for an NPI or change its record'],
  ['https://pecos.cms.hhs.gov/', 'PECOS', 'enroll in Medicare and keep the enrollment current'],
  ['https://www.cms.gov/', 'CMS', 'rules, forms and manuals of Medicare'],
];

export default function Help() {
  return (
    <Page title="Help" narrow>
      <h2>How to begin</h2>
      <ol class="c-list">
        <li>
          <a href="/create-account">Create an account</a>. Have the NPI, the PTAN and the last five
          digits of the TIN at hand.
        </li>
        <li>
          Verify your e-mail address with the code that is mailed to you, then log in with the day’s
          security code.
        </li>
        <li>
          The first person of an office asks to be its Local Security Officer (LSO) and proves it
          with the number and amount of a recent Medicare payment. The contractor then posts an
          access code to the billing address on file.
        </li>
        <li>
          The LSO enters the access code under Manage account. The CSN appears. Everyone else of the
          office asks for access with it.
        </li>
      </ol>
      <h2>What the words mean</h2>
      <dl class="c-facts c-facts--wide">
        <div>
          <dt>Provider account</dt>
          <dd>
            One PTAN with its NPI and TIN. You work for one provider account at a time; its name
            stands at the top.
          </dd>
        </div>
        <div>
          <dt>Local Security Officer (LSO)</dt>
          <dd>
            The person of your office who approves, changes and removes the access of the others.
          </dd>
        </div>
        <div>
          <dt>Access code</dt>
          <dd>Comes by post, once, to the billing address. It makes the first LSO active.</dd>
        </div>
        <div>
          <dt>CSN</dt>
          <dd>Customer service number of a provider account. Your LSO can tell you.</dd>
        </div>
        <div>
          <dt>Redetermination</dt>
          <dd>
            The first level of appeal. It is filed within 120 days of receipt of the first decision
            on the claim (42 CFR 405.942).
          </dd>
        </div>
      </dl>
      <h2>Logging in</h2>
      <p>
        After three log-ins with a wrong user ID or password within two hours, logging in is locked
        for 15 minutes. A try during that time makes it 180 minutes.{' '}
        <a href="/cant-log-in">A new password</a> opens the account at once.
      </p>
      <p>Your LSO is the person in your office who approved your access; ask there first.</p>
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
      <h2 id="accessibility">Accessibility</h2>
      <p>
        Connex is built to WCAG 2.2 level AA: every screen works by keyboard and with a screen
        reader, at 320 pixels and at 400 percent. Where something stands in your way, tell your
        contractor’s provider contact center; it is a fault that will be mended.
      </p>
      <h2 id="privacy">Privacy</h2>
      <p>
        Who looked at which record, and when, is kept. Connex sets one cookie, which holds your
        log-in and ends with it. Nothing is shared with anyone else, and no address on this site
        holds a person’s name or number.
      </p>
    </Page>
  );
}
