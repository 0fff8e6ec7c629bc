import { homedir } from 'node:os';
import { l10n, QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import { parseConfiguration } from '../model/configuration/parse';
import type { RawServer } from '../model/configuration/schema';
import { parseServerAddress, type ServerAddress } from '../model/configuration/serverAddress';
import { hostNames } from '../sources/ssh/hostNames';
import { newDraft, wayOf, type ServerDraft } from './serverDraft';
import { mapped, shown, type Answer, type Step, type StepPlace } from './steps';

/** An address with what was typed, or the wish to be asked for one thing after the other. */
type Choice = (ServerAddress & { readonly text: string }) | 'by step';

interface AddressItem extends QuickPickItem {
  /** Undefined: what is typed is no address yet. */
  readonly choice: Choice | undefined;
}

/** *Add Server…*: all in one line, a `Host` of the ssh configuration, or step by step. */
export const askAddress: Step<ServerDraft> = {
  applies: () => true,
  ask: async (draft, place) => {
    const answer = await ask(place, await hostNames(homedir()), draft.address);
    return mapped(answer, (choice) => (choice === 'by step' ? asked(draft) : given(choice)));
  },
};

/** What was answered step by step before stays. */
function asked(draft: ServerDraft): ServerDraft {
  return draft.isFromAddress ? { ...newDraft(), isFromAddress: false } : draft;
}

function given({ fields, password, text }: Exclude<Choice, 'by step'>): ServerDraft {
  const { protocol } = fields;
  const server: RawServer = { ...fields, protocol: protocol ?? 'sftp' };
  return {
    ...newDraft(),
    fields: server,
    way: protocol && wayOf(server),
    address: text,
    ...(password !== undefined && { password }),
  };
}

function ask(place: StepPlace, hosts: readonly string[], address: string): Promise<Answer<Choice>> {
  const pick = window.createQuickPick<AddressItem>();
  const proposals = proposalsOf(hosts);
  const show = (text: string): void => {
    const isProposed = text.trim() === '' || hosts.includes(text.trim());
    pick.items = isProposed ? proposals : [typedItem(text, hosts), ...proposals];
  };
  pick.placeholder = 'sftp://deploy@www.example.org:2222/var/www';
  pick.value = address;
  show(address);
  pick.onDidChangeValue(show);
  return shown<Choice>(pick, place, (accept) =>
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item?.choice) accept({ value: item.choice });
    }),
  );
}

function proposalsOf(hosts: readonly string[]): AddressItem[] {
  const byStep: AddressItem = {
    label: `$(list-ordered) ${l10n.t('Step by step…')}`,
    description: l10n.t('protocol, host, port, user'),
    alwaysShow: true,
    choice: 'by step',
  };
  if (hosts.length === 0) return [byStep];
  const separator = { kind: QuickPickItemKind.Separator, choice: undefined };
  return [
    byStep,
    { ...separator, label: l10n.t('Hosts of ~/.ssh/config') },
    ...hosts.map((host) => ({
      label: `$(server) ${host}`,
      choice: choiceOf(parseServerAddress(host, hosts), host),
    })),
  ];
}

function choiceOf(address: ServerAddress | undefined, text: string): Choice | undefined {
  return address && { ...address, text };
}

/** What is typed as it will be understood, or what is wrong with it. The password is not repeated. */
function typedItem(text: string, hosts: readonly string[]): AddressItem {
  const address = parseServerAddress(text, hosts);
  const fault = address ? faultOf(address) : l10n.t('This is no address of a server.');
  if (!address || fault !== undefined) {
    const label = `$(error) ${fault ?? ''}`;
    return {
      label,
      detail: l10n.t('For instance {0}', examples),
      alwaysShow: true,
      choice: undefined,
    };
  }
  const { protocol, tls, via, host, port, username, include } = address.fields;
  const kind = [
    protocol?.toUpperCase(),
    tls === 'implicit' ? 'TLS' : '',
    via === 'daemon' ? via : '',
  ];
  const place = `${username === undefined ? '' : `${username}@`}${host ?? ''}${port === undefined ? '' : `:${port}`}`;
  const words = [kind.filter(Boolean).join(' '), place, ...include];
  return {
    label: `$(arrow-right) ${words.filter(Boolean).join(' · ')}`,
    alwaysShow: true,
    choice: { ...address, text },
  };
}

const examples = 'sftp://deploy@www.example.org/var/www, ftps://www.example.org, /mnt/nas';

function faultOf({ fields }: ServerAddress): string | undefined {
  const x = { ...fields, protocol: fields.protocol ?? 'sftp' };
  const [fault] = parseConfiguration(JSON.stringify({ servers: { x } }), '/').faults;
  return fault && l10n.t('Accepted is {0}.', fault.accepted);
}
