import { l10n } from 'vscode';
import { freeName } from '../model/configuration/freeName';
import { keepRuleText, parseKeepRule } from '../model/retention/keepRule';
import { askAddress } from './addressQuestion';
import { isSameKeep, keepPresets, wrongRule, type KeepChoice } from './retention/keepChoices';
import {
  defined,
  faultOf,
  faultOfName,
  isSsh,
  usesPassword,
  withWay,
  type Authentication,
  type ServerDraft,
  type Way,
} from './serverDraft';
import { choose, mapped, required, write, type Step } from './steps';

const defaultPorts: Readonly<Record<Way, number>> = {
  sftp: 22,
  ftps: 21,
  'ftps-implicit': 990,
  ftp: 21,
  rsync: 22,
  'rsync-daemon': 873,
  local: 0,
};

/** The questions for a new server. @param taken names that others have */
export function questionsForNew(taken: readonly string[]): readonly Step<ServerDraft>[] {
  return [askAddress, ...questionsForKnown, askName(taken), askKeep, askOwnRule];
}

const isByStep = ({ isFromAddress }: ServerDraft): boolean => !isFromAddress;
const isRemote = ({ way }: ServerDraft): boolean => way !== 'local';

const askWay: Step<ServerDraft> = {
  applies: (draft) => isByStep(draft) || draft.way === undefined,
  ask: async (draft, place) => {
    const items = [
      { label: 'SFTP', description: l10n.t('over SSH; the usual choice'), value: 'sftp' },
      { label: 'FTPS', description: l10n.t('FTP with encryption (explicit)'), value: 'ftps' },
      {
        label: l10n.t('FTPS, implicit'),
        description: l10n.t('old form, port 990'),
        value: 'ftps-implicit',
      },
      { label: 'FTP', description: l10n.t('not encrypted: password in the clear'), value: 'ftp' },
      {
        label: 'rsync',
        description: l10n.t('over SSH; fastest, needs rsync there'),
        value: 'rsync',
      },
      {
        label: l10n.t('rsync daemon'),
        description: l10n.t('not encrypted: files in the clear'),
        value: 'rsync-daemon',
      },
      { label: l10n.t('Local path'), description: l10n.t('a disk or a mount'), value: 'local' },
    ] as const;
    const answer = await choose<Way>(place, l10n.t('How is it reached?'), items, draft.way);
    return mapped(answer, (way) => {
      const { port } = draft.fields;
      // A port of the address was meant for whatever is spoken there.
      const given = draft.isFromAddress && port !== undefined ? { port } : {};
      return { ...draft, way, fields: { ...withWay(draft.fields, way), ...given } };
    });
  },
};

const askHost: Step<ServerDraft> = {
  applies: (draft) => isByStep(draft) && isRemote(draft),
  ask: async (draft, place) => {
    const answer = await write(place, {
      prompt: l10n.t('Host name or address. For SSH it may be a Host of ~/.ssh/config.'),
      placeholder: 'www.example.org',
      value: draft.fields.host ?? '',
      fault: (text) => required(text) ?? faultOf({ ...draft.fields, host: text }, 'host'),
    });
    return mapped(answer, (host) => ({ ...draft, fields: { ...draft.fields, host } }));
  },
};

const askPort: Step<ServerDraft> = {
  applies: (draft) => isByStep(draft) && isRemote(draft),
  ask: async (draft, place) => {
    const usual = defaultPorts[draft.way ?? 'sftp'];
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
  },
};

const askUser: Step<ServerDraft> = {
  // With SSH, the configuration or the account of this computer says it.
  applies: (draft) =>
    isRemote(draft) &&
    (isByStep(draft) || (!isSsh(draft.way) && draft.fields.username === undefined)),
  ask: async (draft, place) => {
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
  },
};

const askAuthentication: Step<ServerDraft> = {
  applies: (draft) => isByStep(draft) && isSsh(draft.way),
  ask: async (draft, place) => {
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
  },
};

const askKey: Step<ServerDraft> = {
  applies: (draft) => isByStep(draft) && isSsh(draft.way) && draft.authentication === 'key',
  ask: async (draft, place) => {
    const answer = await write(place, {
      prompt: l10n.t('Path of the private key'),
      value: draft.fields.privateKey ?? '~/.ssh/id_ed25519',
      fault: required,
    });
    return mapped(answer, (privateKey) => ({ ...draft, fields: { ...draft.fields, privateKey } }));
  },
};

// For an address it is asked for at the login, if the server wants one.
const askPassword: Step<ServerDraft> = {
  applies: (draft) => isByStep(draft) && usesPassword(draft),
  ask: async (draft, place) => {
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
  },
};

/** The questions for a server that has a name: that stays, as a store goes by it. */
export const questionsForKnown: readonly Step<ServerDraft>[] = [
  ...[askWay, askHost, askPort, askUser, askAuthentication, askKey, askPassword],
];

function askName(taken: readonly string[]): Step<ServerDraft> {
  const others = new Set(taken.map((name) => name.toLowerCase()));
  return {
    applies: () => true,
    ask: async (draft, place) => {
      const { host, include } = draft.fields;
      const suggested = host ?? include.at(0)?.split(/[\\/]/).at(-1) ?? 'local';
      const answer = await write(place, {
        prompt: l10n.t('A name for it. Its backups are kept in a folder of this name.'),
        value: draft.name || freeName(suggested, others),
        fault: (text) => {
          if (others.has(text.toLowerCase())) return l10n.t('Another server has this name.');
          return required(text) ?? faultOfName(text);
        },
      });
      return mapped(answer, (name) => ({ ...draft, name }));
    },
  };
}

/** How long to keep: asked for at once, as a disk that fills up is noticed too late. */
const askKeep: Step<ServerDraft> = {
  applies: () => true,
  ask: async (draft, place) => {
    const presets = keepPresets();
    const { keep: known } = draft.fields;
    const same = known && presets.find(({ value }) => isSameKeep(value, known));
    const isOwn = known !== undefined && !same;
    const own = {
      label: l10n.t('Other…'),
      detail: l10n.t('a rule of your own'),
      value: 'own',
    } as const;
    const current = isOwn ? own.value : (same ?? presets[0])?.value;
    const question = l10n.t('How long are its snapshots kept?');
    const items = [...presets, own];
    const answer = await choose<KeepChoice | 'own'>(place, question, items, current);
    return mapped(answer, (choice) => {
      if (choice === 'own') return { ...draft, hasOwnRule: true };
      const { keep: _former, ...others } = draft.fields;
      const fields = choice === 'everything' ? others : { ...others, keep: { ...choice } };
      return { ...draft, fields, hasOwnRule: false };
    });
  },
};

const askOwnRule: Step<ServerDraft> = {
  applies: ({ hasOwnRule }) => hasOwnRule,
  ask: async (draft, place) => {
    const { keep } = draft.fields;
    const answer = await write(place, {
      prompt: l10n.t('The newest of so many days, weeks, months …; the parts add up.'),
      value: keep ? keepRuleText(keep) : 'last 3, daily 7, weekly 4, monthly 12',
      fault: wrongRule,
    });
    return mapped(answer, (text) => {
      const rule = parseKeepRule(text);
      return { ...draft, fields: { ...draft.fields, ...(rule && { keep: { ...rule } }) } };
    });
  },
};
