import { l10n, window } from 'vscode';
import { BackupError } from '../base/errors';
import { identifyServer } from '../jobs/connect/identifyServer';
import type { Accepted } from '../model/configuration/pinFingerprint';
import type { Server } from '../model/configuration/server';
import type { Identity } from '../sources/credentials';
import type { Logins } from './logins';

/** Whether a server has something to be recognized by: a host key or a certificate. */
export function hasIdentity({ protocol, via }: Server): boolean {
  return protocol === 'sftp' || protocol === 'ftps' || (protocol === 'rsync' && via === 'ssh');
}

/**
 * Shows the person what the server shows of itself, and lets them accept it. Resolves with what
 * is to be remembered of it, or undefined if it is trusted already. Throws `host-key` or `certificate` if it
 * was not accepted, or must not be.
 */
export async function askForTrust(
  server: Server,
  logins: Logins,
  signal: AbortSignal,
): Promise<Accepted | undefined> {
  const identity = await identifyServer(server, logins.withoutPerson(), signal);
  const { trust } = identity;
  if (trust === 'pinned' || trust === 'known-hosts' || trust === 'verified') return undefined;
  const kind = identity.type === 'certificate' ? 'certificate' : 'host-key';
  if (trust === 'revoked') {
    throw new BackupError(kind, l10n.t('The host key of {0} is revoked.', identity.address));
  }
  const accepted = await (trust === 'changed' ? askAboutChange : askAboutNew)(identity);
  if (accepted) return identity;
  throw new BackupError(kind, l10n.t('What {0} shows was not accepted.', identity.address));
}

async function askAboutNew(identity: Identity): Promise<boolean> {
  const question =
    identity.type === 'certificate'
      ? l10n.t('Trust this certificate of {0}?', identity.address)
      : l10n.t('Trust this host key of {0}?', identity.address);
  const accept = l10n.t('Trust');
  const detail = [...factsOf(identity), ...namesOf(identity), '', adviceOn(identity)].join('\n');
  return (
    (await window.showInformationMessage(question, { modal: true, detail }, accept)) === accept
  );
}

async function askAboutChange(identity: Identity): Promise<boolean> {
  const question = l10n.t(
    'WARNING: {0} shows another identity than before. Somebody may be listening in.',
    identity.address,
  );
  const accept = l10n.t('Trust the New One');
  const advice = l10n.t('Ask who runs the server whether it was replaced before you trust it.');
  const detail = [...factsOf(identity), '', advice].join('\n');
  return (await window.showWarningMessage(question, { modal: true, detail }, accept)) === accept;
}

/** Of a certificate that bears another name, the name is trusted: nobody else could tell its digest either. */
function adviceOn({ certificateName }: Identity): string {
  return certificateName === undefined
    ? l10n.t('Compare it with what the host tells you before you trust it.')
    : l10n.t('Trust it if you know that {0} belongs to your hoster.', certificateName);
}

/** That a certificate of the hoster's name is expected from now on, whenever it is renewed. */
function namesOf({ certificateName, trust, hasSameKey }: Identity): string[] {
  const words =
    hasSameKey === true
      ? l10n.t('It was renewed with the key of the one that was trusted before.')
      : l10n.t('It was renewed: a known authority has issued it.');
  const renewed = trust === 'renewed' ? [words] : [];
  if (certificateName === undefined) return renewed;
  const expected = l10n.t(
    'It is issued by a known authority, but for {0} and not for this host. That name will be expected from now on.',
    certificateName,
  );
  return [...renewed, expected];
}

function factsOf({ type, fingerprint, details }: Identity): string[] {
  return [type, fingerprint, ...details];
}
