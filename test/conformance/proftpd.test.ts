import { startProftpd } from '../servers/proftpd';
import { describeFtpSource } from './ftpSource';

describeFtpSource('ProFTPD', startProftpd, {
  withoutNames: ['lineFeed'],
  manyOver: 'explicit',
});
