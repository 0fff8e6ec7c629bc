/**
 * The demonstration: a sample site behind a small SFTP server is backed up twice into a workspace
 * folder, with a change in between, by the command line that the package ships.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { EmbeddedSftpServer } from './embeddedSftpServer';

const demo = path.resolve('.cache', 'demo');
const site = path.join(demo, 'server');
const workspace = path.join(demo, 'workspace');
const program = path.resolve('dist', 'cli.js');

function write(file: string, content: string): void {
  const place = path.join(site, file);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, content);
}

function makeSite(): void {
  fs.rmSync(demo, { recursive: true, force: true });
  write('var/www/index.html', '<!doctype html>\n<title>Sample site</title>\n<h1>Welcome</h1>\n');
  write('var/www/css/style.css', 'body { font-family: sans-serif; }\n');
  write('var/www/.htaccess', 'Options -Indexes\n');
  write('var/www/old/news.html', "<p>Last year's news</p>\n");
  write('var/www/cache/page.tmp', 'left out by a rule\n');
  for (let photo = 1; photo <= 40; photo += 1) {
    write(`var/www/photos/photo ${photo}.jpg`, `picture ${photo} `.repeat(2000));
  }
  write('etc/nginx/nginx.conf', 'worker_processes auto;\n');
}

function changeSite(): void {
  write(
    'var/www/index.html',
    '<!doctype html>\n<title>Sample site</title>\n<h1>Welcome back</h1>\n',
  );
  write('var/www/photos/photo 41.jpg', 'a new picture');
  fs.rmSync(path.join(site, 'var/www/old'), { recursive: true });
}

function configure(server: EmbeddedSftpServer): void {
  const file = path.join(workspace, '.vscode', 'sauvegarde.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const text = `{
  // Written by the demonstration. The password is not in here.
  "servers": {
    "sample-site": {
      "protocol": "sftp",
      "host": "127.0.0.1",
      "port": ${server.port},
      "username": "${server.username}",
      "include": ["/var/www", "/etc/nginx/nginx.conf"],
      "exclude": ["*.tmp"]
    }
  }
}
`;
  fs.writeFileSync(file, text);
}

/** Runs the command and shows what it prints; gives it back as well. */
async function sauvegarde(server: EmbeddedSftpServer, ...args: string[]): Promise<string> {
  console.log(`\n$ sauvegarde ${args.join(' ')}`);
  const env = { ...process.env, SAUVEGARDE_PASSWORD_SAMPLE_SITE: server.password };
  const child = spawn(process.execPath, [program, ...args, '-C', workspace], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`sauvegarde ${args.join(' ')} ended with ${String(code)}.`);
  return output;
}

interface Finished {
  readonly snapshot: string;
  readonly changes?: {
    readonly paths: readonly { readonly kind: string; readonly path: string }[];
  };
}

async function backUpTelling(server: EmbeddedSftpServer): Promise<Finished> {
  const output = await sauvegarde(server, 'backup', '--json');
  const finished = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Finished & {
    readonly files: number;
    readonly fetchedFiles: number;
    readonly linkedFiles: number;
  };
  const { snapshot, files, fetchedFiles, linkedFiles } = finished;
  console.log(`${snapshot}: ${files} files, ${fetchedFiles} fetched, ${linkedFiles} unchanged`);
  return finished;
}

makeSite();
{
  await using server = await EmbeddedSftpServer.start(site);
  configure(server);
  console.log(await sauvegarde(server, 'trust', 'sample-site', '--accept'));
  await backUpTelling(server);
  console.log('\nThe site changes: a page is edited, a photo added, a folder removed.');
  changeSite();
  const { changes } = await backUpTelling(server);
  console.log('\nWhat changed:');
  for (const { kind, path: changed } of changes?.paths ?? []) {
    console.log(`  ${kind.padEnd(8)} ${changed}`);
  }
  console.log(await sauvegarde(server, 'list'));
  console.log(`The snapshots are plain files: ${path.join(workspace, 'backups', 'sample-site')}`);
}
