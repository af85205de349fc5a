// The button that leads to the previous step.
// SPDX-License-Identifier: Apache-2.0

export function Back({ back }: { back: () => void }) {
  return (
    <button type="button" class="ds-c-button" onClick={back}>
      Back
    </button>
  );
}
