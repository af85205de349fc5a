// Replaces lodash/get inside the design system: reads a dotted path of an object.
// SPDX-License-Identifier: Apache-2.0
export default function get(
  object: unknown,
  path: string | string[],
  otherwise?: unknown,
): unknown {
  const keys = Array.isArray(path) ? path : path.split('.');
  const found = keys.reduce<unknown>(
    (o, key) => (o as Record<string, unknown> | undefined)?.[key],
    object,
  );
  return found === undefined ? otherwise : found;
}
