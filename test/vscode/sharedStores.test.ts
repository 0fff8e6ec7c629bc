import { describe, expect, it } from 'vitest';
import { sharedStores } from '../../src/vscode/sharedStores';

describe('servers that would be backed up into one folder', () => {
  it('are told with each other, also where only capitals differ', () => {
    const shared = sharedStores([
      { name: 'shop/web', destination: '/disk/backups', own: 'web' },
      { name: 'shop/mail', destination: '/disk/backups', own: 'mail' },
      { name: 'blog/Web', destination: '/disk/backups/', own: 'Web' },
      { name: 'wiki/web', destination: '/disk/wiki', own: 'web' },
      { name: 'old/web', destination: '/disk/x/../backups', own: 'web' },
    ]);
    expect(Object.fromEntries(shared)).toEqual({
      'shop/web': ['blog/Web', 'old/web'],
      'blog/Web': ['shop/web', 'old/web'],
      'old/web': ['shop/web', 'blog/Web'],
    });
  });

  it('are none where each folder has its own', () => {
    const names = ['shop', 'blog', 'wiki'];
    const servers = names.map((name) => ({
      name: `${name}/web`,
      destination: `/home/me/${name}/backups`,
      own: 'web',
    }));
    expect(sharedStores(servers).size).toBe(0);
  });
});
