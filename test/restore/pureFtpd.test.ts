import { startPureFtpd } from '../servers/pureFtpd';
import { describeFtpTarget } from './ftpTarget';

// It refuses names with control characters or a backslash, and puts `_` for a space at the end.
describeFtpTarget(
  'Pure-FTPd',
  ({ tls }) => startPureFtpd({ tls: tls === 'explicit' ? 'explicit' : 'none' }),
  ['none', 'explicit'],
  {
    cannotDate: /one second before 1970/,
    withoutNames: ['lineFeed', 'controls', 'backslash'],
    cannotWrite: / (?:"|\/inside)/,
  },
);
