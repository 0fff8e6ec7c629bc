import fs from 'node:fs';
import path from 'node:path';
import { BackupError, systemCode } from '../base/errors';
import type { Configuration } from '../model/configuration/parse';
import { Store } from '../store/store';

/**
 * A destination that a person named outside of the workspace folder, as an absolute path: with `~` for
 * the home folder, or relative to `base`. Undefined if the text names none.
 */
export function namedDestination(
  text: string | undefined,
  base: string,
  home: string,
): string | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  const named = trimmed.replace(/^~(?=$|[/\\])/, () => home);
  return path.resolve(base, named);
}

/** The configuration with its stores in another folder, which may lie anywhere. */
export function withDestination(
  configuration: Configuration,
  destination: string | undefined,
): Configuration {
  if (destination === undefined) return configuration;
  return { ...configuration, destination, confinedTo: undefined };
}

/**
 * The store of a server. A workspace folder may come from a stranger: where it names the destination, what
 * is written must stay in it, wherever links lead. Throws `configuration` if it would not.
 */
export function openStore(configuration: Configuration, server: string): Store {
  const { destination, confinedTo } = configuration;
  const store = new Store(destination, server);
  if (confinedTo === undefined) return store;
  for (const folder of [destination, store.layout.root, store.layout.own]) {
    if (!isReallyInside(folder, confinedTo)) throw leadsOutside(folder, confinedTo);
  }
  const link = firstLinkIn(store.layout.own);
  if (link !== undefined) throw leadsOutside(link, confinedTo);
  return store;
}

function leadsOutside(folder: string, workspace: string): BackupError {
  return new BackupError(
    'configuration',
    `${folder} is a link, or lies behind one, that leads out of the workspace folder ${workspace}. ` +
      'Backups that are to lie elsewhere need --destination, SAUVEGARDE_DESTINATION, or the setting sauvegarde.destination.',
  );
}

/** Whether a folder, or the place where it will be made, lies below another one once all links are followed. */
function isReallyInside(folder: string, parent: string): boolean {
  const real = realPlace(folder);
  const realParent = realPlace(parent);
  if (real === undefined || realParent === undefined) return false;
  const relative = path.relative(realParent, real);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

/** Undefined if it cannot be known: behind a link without an end, or a folder that may not be looked into. */
function realPlace(place: string): string | undefined {
  try {
    return fs.realpathSync(place);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || isThere(place)) return undefined;
  }
  const parent = path.dirname(place);
  if (parent === place) return place;
  const real = realPlace(parent);
  return real === undefined ? undefined : path.join(real, path.basename(place));
}

function isThere(place: string): boolean {
  return fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}

/** The store never makes links among its own files. */
function firstLinkIn(folder: string): string | undefined {
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true });
    const link = entries.find((entry) => entry.isSymbolicLink());
    return link && path.join(folder, link.name);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    return folder;
  }
}
