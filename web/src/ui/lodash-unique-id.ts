// Replaces lodash/uniqueId inside the design system.
// SPDX-License-Identifier: Apache-2.0
let last = 0;
export default function uniqueId(prefix = ''): string {
  last += 1;
  return prefix + last;
}
