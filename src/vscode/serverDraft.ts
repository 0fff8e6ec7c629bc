import { l10n } from 'vscode';
import type { RawServer } from '../model/configuration/schema';
import { parseConfiguration } from '../model/configuration/parse';
import { isSameKeep, keepPresets, type KeepChoice } from './retention/keepChoices';
import { choose, required, write, type Answer, type Step } from './steps';

/** How a person thinks of a protocol: with the choice that it needs. */
export type Way = 'sftp' | 'ftps' | 'ftps-implicit' | 'ftp' | 'rsync' | 'rsync-daemon' | 'local';
type Authentication = 'agent' | 'key' | 'password';

/** What is known of a server while it is being added or edited. */
export interface ServerDraft {
  /** Fields that the questions do not ask for stay as they are. */
  readonly fields: RawServer;
  readonly way: Way;
  readonly authentication: Authentication;
  /** Typed in this round; undefined: the one that is stored, or none. */
  readonly password?: string;
  readonly name: string;
}

const defaultPorts: Readonly<Record<Way, number>> = {
  sftp: 22,
  ftps: 21,
  'ftps-implicit': 990,
  ftp: 21,
  rsync: 22,
  'rsync-daemon': 873,
  local: 0,
};

export function newDraft(): ServerDraft {
  const fields: RawServer = { protocol: 'sftp', include: [] };
  return { fields, way: 'sftp', authentication: 'agent', name: '' };
}

export function draftOf(name: string, fields: RawServer): ServerDraft {
  const key = fields.privateKey === undefined ? 'agent' : 'key';
  return { fields, way: wayOf(fields), authentication: key, name };
}

function wayOf({ protocol, tls, via }: RawServer): Way {
  if (protocol === 'ftps' && tls === 'implicit') return 'ftps-implicit';
  return protocol === 'rsync' && via === 'daemon' ? 'rsync-daemon' : protocol;
}

function isSsh(way: Way): boolean {
  return way === 'sftp' || way === 'rsync';
}

/**
 * The questions, in their order.
 * @param taken names that other servers have; undefined: the name stays, as a store goes by it
 */
export function draftSteps(taken: readonly string[] | undefined): Step<ServerDraft>[] {
  const steps = [askWay, askHost, askPort, askUser, askAuthentication, askKey, askPassword];
  return taken ? [...steps, askName(taken), askKeep] : steps;
}

const askWay: Step<ServerDraft> = async (draft, place) => {
  const items = [
    { label: 'SFTP', description: l10n.t('over SSH; the usual choice'), value: 'sftp' },
    { label: 'FTPS', description: l10n.t('FTP with encryption (explicit)'), value: 'ftps' },
    { label: 'FTPS implicit', description: l10n.t('old form, port 990'), value: 'ftps-implicit' },
    { label: 'FTP', description: l10n.t('not encrypted: password in the clear'), value: 'ftp' },
    { label: 'rsync', description: l10n.t('over SSH; fastest, needs rsync there'), value: 'rsync' },
    {
      label: l10n.t('rsync daemon'),
      description: l10n.t('not encrypted: files in the clear'),
      value: 'rsync-daemon',
    },
    { label: l10n.t('Local path'), description: l10n.t('a disk or a mount'), value: 'local' },
  ] as const;
  const answer = await choose<Way>(place, l10n.t('How is it reached?'), items, draft.way);
  return mapped(answer, (way) => ({ ...draft, way, fields: withWay(draft.fields, way) }));
};

function withWay(fields: RawServer, way: Way): RawServer {
  const { tls, via, privateKey, jump, fingerprint, keyFingerprint, port, ...rest } = fields;
  const same = wayOf(fields) === way ? { fingerprint, keyFingerprint, port } : {};
  const ssh = isSsh(way) ? { privateKey, jump } : {};
  const protocol = way === 'ftps-implicit' ? 'ftps' : way === 'rsync-daemon' ? 'rsync' : way;
  return defined({
    ...rest,
    ...same,
    ...ssh,
    protocol,
    tls: way === 'ftps-implicit' ? 'implicit' : undefined,
    via: way === 'rsync-daemon' ? 'daemon' : undefined,
  });
}

const askHost: Step<ServerDraft> = async (draft, place) => {
  if (draft.way === 'local') return 'skip';
  const answer = await write(place, {
    prompt: l10n.t('Host name or address. For SSH it may be a Host of ~/.ssh/config.'),
    placeholder: 'www.example.org',
    value: draft.fields.host ?? '',
    fault: (text) => required(text) ?? faultOf({ ...draft.fields, host: text }, 'host'),
  });
  return mapped(answer, (host) => ({ ...draft, fields: { ...draft.fields, host } }));
};

const askPort: Step<ServerDraft> = async (draft, place) => {
  if (draft.way === 'local') return 'skip';
  const usual = defaultPorts[draft.way];
  const answer = await write(place, {
    prompt: l10n.t('Port. Leave it empty for the usual one.'),
    placeholder: String(usual),
    value: draft.fields.port === undefined ? '' : String(draft.fields.port),
    fault: (text) =>
      text === '' ? undefined : faultOf({ ...draft.fields, port: Number(text) }, 'port'),
  });
  return mapped(answer, (text) => {
    const port = text === '' || Number(text) === usual ? undefined : Number(text);
    return { ...draft, fields: defined({ ...draft.fields, port }) };
  });
};

const askUser: Step<ServerDraft> = async (draft, place) => {
  if (draft.way === 'local') return 'skip';
  const answer = await write(place, {
    prompt: isSsh(draft.way)
      ? l10n.t('User name. Leave it empty to use that of ~/.ssh/config, or your own.')
      : l10n.t('User name. Leave it empty for anonymous access.'),
    value: draft.fields.username ?? '',
    fault: (text) =>
      text === '' ? undefined : faultOf({ ...draft.fields, username: text }, 'username'),
  });
  return mapped(answer, (text) => {
    const username = text === '' ? undefined : text;
    return { ...draft, fields: defined({ ...draft.fields, username }) };
  });
};

const askAuthentication: Step<ServerDraft> = async (draft, place) => {
  if (!isSsh(draft.way)) return 'skip';
  const items = [
    { label: l10n.t('SSH agent or default keys'), value: 'agent' },
    { label: l10n.t('Private key file'), value: 'key' },
    { label: l10n.t('Password'), value: 'password' },
  ] as const;
  const question = l10n.t('How do you log in?');
  const answer = await choose<Authentication>(place, question, items, draft.authentication);
  return mapped(answer, (authentication) => {
    const { privateKey, ...others } = draft.fields;
    const fields = authentication === 'key' ? draft.fields : others;
    return { ...draft, authentication, fields };
  });
};

const askKey: Step<ServerDraft> = async (draft, place) => {
  if (!isSsh(draft.way) || draft.authentication !== 'key') return 'skip';
  const answer = await write(place, {
    prompt: l10n.t('Path of the private key'),
    value: draft.fields.privateKey ?? '~/.ssh/id_ed25519',
    fault: required,
  });
  return mapped(answer, (privateKey) => ({ ...draft, fields: { ...draft.fields, privateKey } }));
};

const askPassword: Step<ServerDraft> = async (draft, place) => {
  if (!usesPassword(draft)) return 'skip';
  const answer = await write(place, {
    prompt: l10n.t('Password. It is kept in the secret storage of VS Code, never in a file.'),
    placeholder: l10n.t('empty: keep the stored one, or ask later'),
    password: true,
    value: draft.password ?? '',
  });
  return mapped(answer, (text) => {
    const { password, ...rest } = draft;
    return text === '' ? rest : { ...rest, password: text };
  });
};

/** FTP without a user name is anonymous; SSH asks for a password only where it was chosen. */
export function usesPassword({ way, authentication, fields }: ServerDraft): boolean {
  if (isSsh(way)) return authentication === 'password';
  return way !== 'local' && fields.username !== undefined;
}

function askName(taken: readonly string[]): Step<ServerDraft> {
  return async (draft, place) => {
    const suggested = (draft.fields.host ?? 'local').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
    const answer = await write(place, {
      prompt: l10n.t('A name for it. Its backups are kept in a folder of this name.'),
      value: draft.name || suggested.replace(/^[^A-Za-z0-9]+/, ''),
      fault: (text) => {
        const isTaken = taken.some((name) => name.toLowerCase() === text.toLowerCase());
        if (isTaken) return l10n.t('Another server has this name.');
        return required(text) ?? faultOfName(text);
      },
    });
    return mapped(answer, (name) => ({ ...draft, name }));
  };
}

/** How long to keep: asked for at once, as a disk that fills up is noticed too late. */
const askKeep: Step<ServerDraft> = async (draft, place) => {
  const presets = keepPresets();
  const [first] = presets;
  const { keep: known } = draft.fields;
  const same = known && presets.find(({ value }) => isSameKeep(value, known));
  const current = (same ?? first)?.value;
  const question = l10n.t('How long are its snapshots kept?');
  const answer = await choose<KeepChoice>(place, question, presets, current);
  return mapped(answer, (choice) => {
    const { keep: _former, ...others } = draft.fields;
    const fields = choice === 'everything' ? others : { ...others, keep: { ...choice } };
    return { ...draft, fields };
  });
};

/** What the rules of the configuration file say of one field. */
function faultOf(server: RawServer, field: keyof RawServer): string | undefined {
  const { faults } = parseConfiguration(JSON.stringify({ servers: { x: server } }), '/');
  const fault = faults.find((found) => found.field === `servers.x.${field}`);
  return fault && l10n.t('Accepted is {0}.', fault.accepted);
}

function faultOfName(name: string): string | undefined {
  const server = { protocol: 'local', include: [] };
  const [fault] = parseConfiguration(JSON.stringify({ servers: { [name]: server } }), '/').faults;
  return fault && l10n.t('Accepted is {0}.', fault.accepted);
}

function mapped<T, U>(answer: Answer<T>, change: (value: T) => U): Answer<U> {
  return answer === 'back' || answer === 'closed' ? answer : { value: change(answer.value) };
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without the fields that are undefined, which JSON could not tell from missing ones. */
function defined(fields: Loose<RawServer>): RawServer {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as RawServer;
}
