import { startPyftpdlib } from '../servers/pyftpdlib';
import { describeFtpSource } from './ftpSource';

// Asynchronous, and commands are UTF-8 or refused. Without chmod, modes are not told.
describeFtpSource(
  'pyftpdlib',
  startPyftpdlib,
  { withoutNames: ['lineFeed', 'latin1'], modeMask: 0 },
  ['none'],
);
