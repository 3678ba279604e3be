import { existsSync } from 'node:fs';

/**
 * A file of this package by its path, seen from the sources and from the compiled program alike: that is
 * in few files, which are none of the sources' folders. Programs of their own (threads, child processes)
 * are in dist for both.
 */
export function packaged(path: string): URL {
  return new URL(path, FOLDER);
}

/** The nearest folder above that has a package.json. */
const FOLDER = packageFolder();

function packageFolder(): URL {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const above = new URL('../', folder);
    if (above.href === folder.href) throw new Error('the package.json of finwait is missing');
    folder = above;
  }
  return folder;
}
