/* The CSV feeds of connex load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load.h"
bool load_provider_accounts(struct load *load) { (void)load; return false; }
bool load_payments(struct load *load) { (void)load; return false; }
bool load_beneficiaries(struct load *load) { (void)load; return false; }
