/** As POSIX numbers them. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom a new file is to be given to, so that it is whose the old one was, or whose the folder is. Only
 * root can give away; others can at most give their own file another group. Undefined: nothing to do,
 * or nothing that would be allowed.
 */
export function ownerToTake(own: Owner, wanted: Owner): Owner | undefined {
  if (own.uid === wanted.uid && own.gid === wanted.gid) return undefined;
  return own.uid === 0 || own.uid === wanted.uid ? wanted : undefined;
}

/**
 * What is said of a new folder that could not be given away; undefined: nothing. To an account that is
 * not root that is as usual, where the folder above has another group.
 */
export function folderNotGiven(own: Owner): string | undefined {
  if (own.uid !== 0) return undefined;
  return 'Some new folders could not be given to whom the folder above belongs.';
}
