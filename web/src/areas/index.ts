// All areas, in the order of the navigation.
// SPDX-License-Identifier: Apache-2.0
import { area as access } from './access/area';
import { area as appeal } from './appeal/area';
import type { Area, Attention, AttentionItem, Entry } from './area';
import { area as claim } from './claim/area';
import { area as desk } from './desk/area';
import { area as eligibility } from './eligibility/area';
import { area as help } from './help/area';
import { area as home } from './home/area';
import { area as profile } from './profile/area';
import { area as providerAccount } from './provider_account/area';
import { area as recovery } from './recovery/area';
import { area as registration } from './registration/area';
import { area as remittance } from './remittance/area';
import type { Me } from './session/session';
import { area as session } from './session/area';
import { area as token } from './token/area';

export const areas: readonly Area[] = [
  session,
  registration,
  recovery,
  home,
  eligibility,
  claim,
  remittance,
  appeal,
  desk,
  profile,
  access,
  token,
  providerAccount,
  help, // last: it has the page for an address that does not exist
];

export const navigationOf = (me: Me, path: string): Entry[] =>
  areas.flatMap((area) => area.navigation?.(me, path) ?? []);

/** The tabs of Manage account. */
export const tabsOf = (me: Me): Entry[] => areas.flatMap((area) => area.tabs?.(me) ?? []);

/** How items of a kind are shown; undefined for a kind that this version of the client does not know. */
export const attentionOf = (kind: AttentionItem['kind']): Attention | undefined =>
  areas.find((area) => area.attention?.[kind])?.attention?.[kind];
