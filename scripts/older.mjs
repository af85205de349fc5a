// The tree of an earlier commit, for what compares it with this one.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Puts a commit's tree, or these folders of it, into the new folder `tree`. */
export function unpack(repository, commit, tree, ...folders) {
  fs.mkdirSync(tree, { recursive: true });
  const archive = execFileSync('git', ['-C', repository, 'archive', commit, ...folders], { maxBuffer: 1 << 28 });
  execFileSync('tar', ['-x', '-C', tree], { input: archive });
}

/** Puts a commit's tree into `folder`, where it is kept for the next time; returns its short id and where it is. */
export function older_tree(root, commit, folder) {
  const id = execFileSync('git', ['-C', root, 'rev-parse', '--short=12', `${commit}^{commit}`], { encoding: 'utf8' }).trim();
  const tree = path.join(folder, id);
  if (fs.existsSync(tree)) return { id, tree };
  fs.rmSync(`${tree}.new`, { recursive: true, force: true });
  unpack(root, id, `${tree}.new`);
  // Packages that are here already need not be fetched again; npm replaces them where its lock file differs.
  for (const packages of ['web', 'scripts/node']) {
    if (fs.existsSync(path.join(root, packages, 'node_modules'))) execFileSync('cp', ['-a', path.join(root, packages, 'node_modules'), path.join(`${tree}.new`, packages)]);
  }
  fs.renameSync(`${tree}.new`, tree);
  return { id, tree };
}
