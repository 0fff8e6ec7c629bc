import { startPureFtpd } from '../servers/pureFtpd';
import { describeFtpSource } from './ftpSource';

// Pure-FTPd 1.0.50 has no implicit TLS. It refuses names with control characters or a backslash.
describeFtpSource(
  'Pure-FTPd',
  ({ tls }) => startPureFtpd({ tls: tls === 'explicit' ? 'explicit' : 'none' }),
  { withoutNames: ['lineFeed', 'controls', 'backslash'] },
  ['none', 'explicit'],
);
