import fs from 'node:fs';
import { EditorServer } from '/work/main/test/editor/editorServer';
import { openBrowser, Workbench } from '/work/main/test/editor/workbench';
import { startOpenssh } from '/work/main/test/servers/openssh';
const workspace = fs.mkdtempSync('/tmp/ws-');
const t0 = performance.now();
const time = (what: string) => console.log(what, Math.round(performance.now() - t0));
const server = await EditorServer.start({ version: process.argv[2] ?? '4.100.3' });
time('server');
const browser = await openBrowser(server.folder + '/profile');
const ssh = await startOpenssh({});
try {
  const bench = await Workbench.open(browser, server, workspace, 'try');
  time('workbench');
  await bench.openBackupViews();
  await bench.shot('01-empty');
  time('views');
} catch (error) { console.error(error); const [page] = browser.pages().slice(-1); await page?.screenshot({ path: '/work/main/.cache/editor-artefacts/fail.png' }); }
finally { await browser.close(); await ssh[Symbol.asyncDispose](); console.log(server.log().slice(-2000)); await server[Symbol.asyncDispose](); }
process.exit(0);
