// Removes the rules of components that we do not use from the design system's style sheet: four fifths of the bytes that every
// first visit would load. tests/slim-css.test.ts checks that nothing in use is removed.
// SPDX-License-Identifier: Apache-2.0
import type { Plugin } from 'postcss';

/** The families of class names in use: by our own markup, and by the components we import. */
const USED =
  /^ds-(c-(alert|button|choice|choice-wrapper|close-button|dialog|field|fieldset|hint|icon|inline-error|label|link|mask|skip-nav|table)|u-(clearfix|visibility--screen-reader|display--none))(--|__|$)/;

export const inUse = (name: string): boolean => USED.test(name);

const keeps = (selector: string): boolean =>
  (selector.match(/\.ds-[A-Za-z0-9_\\:-]+/g) ?? []).every((found) =>
    inUse(found.slice(1).replace(/\\.*$|:.*$/, '')),
  );

export const slimCss = (): Plugin => ({
  postcssPlugin: 'connex-slim-css',
  OnceExit(root) {
    root.walkRules((rule) => {
      if (!rule.selector.includes('.ds-')) return;
      const kept = rule.selectors.filter(keeps);
      if (kept.length) rule.selectors = kept;
      else rule.remove();
    });
    root.walkAtRules((at) => {
      if ((at.name === 'media' || at.name === 'supports') && at.nodes && !at.nodes.length)
        at.remove();
    });
  },
});
