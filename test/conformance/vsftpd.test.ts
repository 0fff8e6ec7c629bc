import { startVsftpd } from '../servers/vsftpd';
import { describeFtpSource } from './ftpSource';

describeFtpSource('vsftpd', startVsftpd, {
  withoutNames: ['lineFeed'],
});
