import { BackupError } from '../../base/errors';
import { demandForTls } from './demandForTls';
import { featuresOf, type Features } from './features';
import type { Habits } from './habits';
import type { Account } from './login';
import { isDone, quoted } from './refusal';
import type { Reply } from './reply';

interface Asking {
  ask(command: string): Promise<Reply>;
  /** All commands in one go, for one round trip. */
  askAll(commands: readonly string[]): Promise<Reply[]>;
}

/**
 * Settles the modes of a connection that is logged in: binary, protected, UTF-8; and learns the
 * server's features and whether it doubles 255. One round trip where the features are known, two where
 * not. Throws `protocol` (scope run) if a mode that we need is refused.
 */
export async function settleModes(
  { server, trust }: Account,
  habits: Habits,
  connection: Asking,
): Promise<void> {
  const features = (habits.features ??= featuresOf(await connection.ask('FEAT')));
  const protect = trust === undefined ? [] : ['PBSZ 0', 'PROT P'];
  const utf8 = features.utf8 && /^utf-?8$/i.test(server.encoding);
  const facts = features.facts.size === 0 ? [] : [`OPTS MLST ${wantedFacts(features)}`];
  const probe = habits.doubles255 === undefined ? [telnetProbe] : [];
  const modes = [...protect, 'TYPE I', ...(utf8 ? ['OPTS UTF8 ON'] : []), ...facts];
  const commands = [...modes, ...probe];
  const replies = await connection.askAll(commands);
  habits.doubles255 ??= showsOne255(replies.at(-1));
  const refused = commands.findIndex((command, index) => {
    const reply = replies[index];
    const needed = command === 'TYPE I' || command === 'PROT P';
    return needed && reply !== undefined && !isDone(reply);
  });
  const reply = replies[refused];
  if (reply === undefined) return;
  const demand = demandForTls(reply, server);
  if (demand) throw demand;
  const problem =
    commands[refused] === 'PROT P'
      ? 'The server does not encrypt data connections'
      : 'The server has no binary transfers';
  throw new BackupError('protocol', `${problem}: ${quoted(reply)}`, { scope: 'run' });
}

/** A folder that is not there: ProFTPD says so by its name, as it understood it. */
const telnetProbe = 'CWD /\xff\xff is one byte or two?';

/** Whether the server took two bytes 255, Telnet's IAC, for one, as RFC 959 (4.1) can be read. */
function showsOne255(reply: Reply | undefined): boolean {
  return (reply?.lines.join(' ').match(/\xff/g) ?? []).length === 1;
}

/** Only the facts that we use: a listing of ProFTPD is a third as long then. */
function wantedFacts(features: Features): string {
  const wanted = ['type', 'size', 'modify', 'unique', 'unix.mode'].filter((fact) =>
    features.facts.has(fact),
  );
  return wanted.map((fact) => `${fact.replace('unix', 'UNIX')};`).join('');
}
