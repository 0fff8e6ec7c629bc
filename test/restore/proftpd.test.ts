import { startProftpd } from '../servers/proftpd';
import { describeFtpTarget } from './ftpTarget';

describeFtpTarget('ProFTPD', startProftpd, ['none', 'explicit', 'implicit'], {
  withoutNames: ['lineFeed'],
  cannotDate: /1970/,
});
