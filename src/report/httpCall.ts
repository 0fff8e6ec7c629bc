import { withDeadline } from '../base/abort';
import { isCertificateCode } from '../base/authorities';
import { BackupError, systemCode } from '../base/errors';

export interface HttpCall {
  readonly address: string;
  /** Posted as JSON; absent: a GET. */
  readonly body?: object;
  /** What calls, for errors: `The webhook`. */
  readonly name: string;
}

/**
 * Calls an address once. The answer's body is ignored, and a redirect is not followed: the report would
 * go to, or be taken from, somewhere that nobody wrote down. Throws a `BackupError` that names the host
 * only, as the rest of such an address is often its secret.
 * @param deadline milliseconds until the answer
 */
export async function callOnce(
  { address, body, name }: HttpCall,
  deadline: number,
  signal: AbortSignal,
): Promise<void> {
  const { host } = new URL(address);
  const stop = new AbortController();
  const answer = fetch(address, {
    redirect: 'manual',
    signal: stop.signal,
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  try {
    const { status } = await withDeadline(answer, deadline, `calling ${host}`, signal);
    if (status < 200 || status > 299) throw refusal(name, host, status);
  } catch (error) {
    throw error instanceof BackupError ? error : unreachable(error, name, host);
  } finally {
    // Ends what still arrives of the answer, too.
    stop.abort();
  }
}

function refusal(name: string, host: string, status: number): BackupError {
  const where = `${name} at ${host}`;
  if (status >= 300 && status < 400) {
    return new BackupError(
      'protocol',
      `${where} has moved (${status}). Set its address to the new place.`,
      { scope: 'run' },
    );
  }
  if (status === 429 || status >= 500) {
    return new BackupError('connection', `${where} answers with an error (${status}).`);
  }
  const advice = 'Check its address.';
  return new BackupError('protocol', `${where} refuses the call (${status}). ${advice}`, {
    scope: 'run',
  });
}

/** `fetch` hides the reason in the cause. */
function unreachable(error: unknown, name: string, host: string): BackupError {
  const code = systemCode(error instanceof Error ? error.cause : undefined);
  if (isCertificateCode(code)) {
    return new BackupError('certificate', `The certificate of ${host} is not trusted (${code}).`);
  }
  const why = code === undefined ? '' : ` (${code})`;
  return new BackupError('connection', `${name} at ${host} cannot be reached${why}.`);
}
