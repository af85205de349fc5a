/*
 * Home: what needs attention, across all provider accounts of the user.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "request_statements.h"

enum status home_get(struct request *request) {
  size_t home = add_home_get(request);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, home, STATUS_OK) : status;
}
