/*
 * Home: what needs attention, over all provider accounts of the person.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "request.h"

static enum status home_get(struct request *request) {
  size_t home = request_add(request, Q_HOME_GET, 0, NULL);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, home, STATUS_OK) : status;
}

/* Not audited: it counts, and names no patient. */
const struct route home_routes[] = {
    {GET, "/api/v1/home", .right = RIGHT_MEMBER, .mode = DB_READ, .handler = home_get}, {0}};
