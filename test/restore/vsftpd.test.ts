import { startVsftpd } from '../servers/vsftpd';
import { describeFtpTarget } from './ftpTarget';

describeFtpTarget('vsftpd', startVsftpd, ['none', 'explicit'], {
  withoutNames: ['lineFeed'],
  withoutFolderTimes: true,
});
