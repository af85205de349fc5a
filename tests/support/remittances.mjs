// 835 files of one provider account, loaded with the real program.
// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { day, demo, one } from './instance.mjs';
import { digits } from './people.mjs';

const compact = (date) => date.replaceAll('-', '');
const clp = ({ control_no, mbi, patient_control_no, on }) => [`CLP*${patient_control_no}*1*100*80**MB*${control_no}*11*1`, `NM1*QC*1*TESTPERSON*AGATHA****MI*${mbi}`,
  `DTM*232*${compact(on)}`, `DTM*233*${compact(on)}`, 'SVC*HC:99213*100*80**1', `DTM*472*${compact(on)}`, 'CAS*CO*45*20'];

/** Loads one 835 with these claims ({control_no, mbi, patient_control_no, on}: the day of service), and returns the report. */
export function loadRemittance(account, claims) {
  const control = digits(9), today = compact(day());
  const payee = one(`SELECT contractor_no, npi, tin, ptan FROM connex.provider_account WHERE provider_account_id = :'id'::bigint`, { id: account.provider_account_id });
  const segments = [`BPR*I*${80 * claims.length}*C*CHK************${today}`, `TRN*1*CK${control}*1999999999`, `DTM*405*${today}`, 'N1*PR*CONTRACTOR', `REF*2U*${payee.contractor_no}`,
    `N1*PE*OFFICE*XX*${payee.npi}`, `REF*TJ*${payee.tin}`, `REF*PQ*${payee.ptan}`, 'LX*1', ...claims.flatMap(clp)];
  const text = [`ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0600*^*00501*${control}*0*T*:`, 'GS*HP*SENDER*RECEIVER*20261121*0600*1*X*005010X221A1',
    'ST*835*0001', ...segments, `SE*${segments.length + 2}*0001`, 'GE*1*1', `IEA*1*${control}`].map((segment) => `${segment}~`).join('\n');
  const done = spawnSync(join(process.env.CONNEX_BIN, 'connex'), ['load', '--report', 'json', '835', '-'], { input: text, encoding: 'utf8',
    env: { ...process.env, CONNEX_DB: `host=${demo.pg.host} port=${demo.pg.port} dbname=${demo.pg.dbname} user=connex_loader` } });
  const [report] = JSON.parse(done.stdout);
  if (report.accepted !== 1) throw new Error(done.stdout + done.stderr);
  return report;
}
