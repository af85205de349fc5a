// The migrations of an earlier version, for tests of the upgrade from it.
// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unpack } from '../../scripts/older.mjs';
import { root } from './cluster.mjs';

const git = (at, ...words) => spawnSync('git', ['-C', at, ...words], { encoding: 'utf8' });

/** The repository that has the commit: this checkout's, or that of the one which scripts/mutants copied without it (named, or around it). */
export function historyWith(commit) {
  const around = [root];
  while (dirname(around.at(-1)) !== around.at(-1)) around.push(dirname(around.at(-1)));
  if (process.env.HISTORY_OF) around.unshift(process.env.HISTORY_OF);
  const at = around.find((folder) => git(folder, 'cat-file', '-e', `${commit}^{commit}`).status === 0);
  return at && git(at, 'rev-parse', '--show-toplevel').stdout.trim();
}

/** The commit's sql/ and scripts/ in a new folder, for Cluster.start(). The caller removes it. */
export function olderTree(repository, commit) {
  const tree = mkdtempSync(join(tmpdir(), 'connex-older-'));
  unpack(repository, commit, tree, 'sql', 'scripts');
  // dbmate as this checkout has it: the old version may not fetch packages here.
  const packages = join(root, 'scripts/node/node_modules/@dbmate');
  mkdirSync(join(tree, 'libexec'));
  cpSync(join(packages, readdirSync(packages).find((name) => name.startsWith('linux-')), 'bin/dbmate'), join(tree, 'libexec/dbmate'));
  return tree;
}
