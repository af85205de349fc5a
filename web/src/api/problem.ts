// An answer of the API that is not a success: RFC 9457 problem details.
// SPDX-License-Identifier: Apache-2.0

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  /** A stable code, such as no_access or stale. */
  code?: string;
  errors?: { field?: string; code?: string; message: string }[];
  request_id?: string;
}

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter?: number,
  ) {
    super(problem.detail ?? problem.title);
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string | undefined {
    return this.problem.code;
  }
}

/** What to tell a person about an error, and what to do next. */
export function words(error: unknown): string {
  if (error instanceof ApiError) return error.problem.detail ?? error.problem.title;
  return 'Connex cannot be reached. Check your connection and try again.';
}
