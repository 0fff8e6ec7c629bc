import { systemClock } from '../../base/clock';
import { endpointOf } from '../../model/configuration/server';
import type { VerifiedRun } from '../runs';
import { momentText } from '../words';
import type { Proving } from './proving';

/** What a run has read again is shown like what a person had verified. */
export function takeVerified(proving: Proving, { server, verified }: VerifiedRun): void {
  const proof = {
    ...{ server: server.name, endpoint: endpointOf(server), repair: false, cancelled: false },
    finished: momentText(systemClock.now()),
    seconds: verified.reduce((sum, { seconds }) => sum + seconds, 0),
    snapshots: verified,
  };
  proving.take(proof, verified);
}
