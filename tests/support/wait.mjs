// Waiting, for tests with and without an instance.
// SPDX-License-Identifier: Apache-2.0
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Polls until there is a result, for work that happens in the background. */
export async function until(what, ask, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; ; await pause(100)) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
  }
}
