import { afterEach, describe, expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { webhookOf } from '../../src/model/configuration/webhook';
import { newsOfRun } from '../../src/report/news';
import { callMonitor, tell } from '../../src/report/tell';
import { freePort } from '../servers/serverProcess';
import { startWebReceiver, type WebReceiver } from '../servers/webReceiver';
import { exampleReport } from './exampleReport';
import { Telling } from './telling';

const news = newsOfRun(exampleReport, undefined, english);
const success = newsOfRun({ ...exampleReport, status: 'complete' }, undefined, english);
const secret = 'hook-secret-5b1f';

describe('the webhook', () => {
  let server: WebReceiver | undefined;
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  });

  it('gets the report as JSON', async () => {
    server = await startWebReceiver();
    const telling = new Telling();
    const webhook = webhookOf(server.at('/hook?a=b'));
    expect(await tell(news, { when: 'failure', webhook }, telling.context())).toEqual([]);
    expect(server.calls).toMatchObject([
      { method: 'POST', path: '/hook?a=b', contentType: 'application/json' },
    ]);
    expect(JSON.parse(server.calls[0]!.body)).toEqual(JSON.parse(JSON.stringify(news.body)));
    expect(telling.lines).toEqual([`The webhook at ${new URL(webhook.address).host} was called.`]);
  });

  it.each([503, 500, 429])('is called again after %d', async (status) => {
    server = await startWebReceiver((_call, count) => (count < 3 ? status : 204));
    const telling = new Telling();
    const reporting = { when: 'failure', webhook: webhookOf(server.at('/')) } as const;
    expect(await tell(news, reporting, telling.context())).toEqual([]);
    expect(server.calls).toHaveLength(3);
    expect(new Set(server.calls.map(({ body }) => body)).size).toBe(1);
    expect(telling.clock.slept).toBe(3000);
  });

  it('is given up in the end, and its address stays out of the message', async () => {
    server = await startWebReceiver(() => 503);
    const telling = new Telling();
    const webhook = webhookOf(server.at(`/${secret}`));
    const untold = await tell(news, { when: 'always', webhook }, telling.context());
    const { host } = new URL(webhook.address);
    const message = `The report could not be posted: The webhook at ${host} answers with an error (503).`;
    expect(untold).toEqual([{ path: 'report.webhook', message }]);
    expect(server.calls).toHaveLength(3);
    expect(telling.lines).toEqual([message]);
  });

  it.each([400, 401, 404, 410])('is not called again after %d', async (status) => {
    server = await startWebReceiver(() => status);
    const reporting = { when: 'always', webhook: webhookOf(server.at(`/${secret}`)) } as const;
    const untold = await tell(news, reporting, new Telling().context());
    expect(untold[0]?.message).toContain(`refuses the call (${status})`);
    expect(server.calls).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('is not redirected by %d', async (status) => {
    await using elsewhere = await startWebReceiver();
    const headers = { location: elsewhere.at(`/${secret}`) };
    server = await startWebReceiver(() => ({ status, headers }));
    const reporting = { when: 'always', webhook: webhookOf(server.at('/')) } as const;
    const untold = await tell(news, reporting, new Telling().context());
    expect(untold[0]?.message).toContain(`has moved (${status})`);
    expect(untold[0]?.message).not.toContain(secret);
    expect(server.calls).toHaveLength(1);
    expect(elsewhere.calls).toHaveLength(0);
  });

  it('does not wait for a server that says nothing', async () => {
    const silent = (server = await startWebReceiver(() => 'silence'));
    const reporting = { when: 'always', webhook: webhookOf(silent.at(`/${secret}`)) } as const;
    const telling = new Telling(undefined, 500);
    const untold = await tell(news, reporting, telling.context());
    expect(untold[0]?.message).toMatch(/No answer for 0\.5 seconds while calling 127\.0\.0\.1/);
    expect(untold[0]?.message).not.toContain(secret);
    // Three attempts; how many of them a busy receiver had read by then does not matter.
    expect(telling.clock.slept).toBe(3000);
    await expect.poll(() => silent.connections()).toBe(0);
  });

  it('is called again where nobody listens, and given up', async () => {
    const telling = new Telling();
    const webhook = webhookOf(`http://127.0.0.1:${await freePort()}/${secret}`);
    const untold = await tell(news, { when: 'always', webhook }, telling.context());
    expect(untold[0]?.message).toContain('cannot be reached (ECONNREFUSED)');
    expect(untold[0]?.message).not.toContain(secret);
    expect(telling.clock.slept).toBe(3000);
  });

  it('ends when the program is stopped', async () => {
    const telling = new Telling();
    server = await startWebReceiver(() => {
      telling.stop.abort();
      return 'silence';
    });
    const reporting = { when: 'always', webhook: webhookOf(server.at('/')) } as const;
    const untold = await tell(news, reporting, telling.context());
    expect(untold[0]?.message).toBe('The report could not be posted: the program was stopped.');
    expect(server.calls).toHaveLength(1);
  });
});

describe('what is sent', () => {
  it.each([
    ['always', success, ['/ok', '/hook']],
    ['always', news, ['/bad', '/hook']],
    ['failure', success, ['/ok']],
    ['failure', news, ['/bad', '/hook']],
    ['never', success, ['/ok']],
    ['never', news, ['/bad']],
  ] as const)('when %s: %#', async (when, told, paths) => {
    await using server = await startWebReceiver();
    const monitor = {
      start: server.at('/begun'),
      success: server.at('/ok'),
      failure: server.at('/bad'),
    };
    const reporting = { when, webhook: webhookOf(server.at('/hook')), monitor };
    expect(await tell(told, reporting, new Telling().context())).toEqual([]);
    expect(server.calls.map(({ path }) => path).sort()).toEqual([...paths].sort());
  });

  it('leaves out what is not configured', async () => {
    await using server = await startWebReceiver();
    const monitor = { success: server.at('/ok') };
    expect(await tell(news, { when: 'always', monitor }, new Telling().context())).toEqual([]);
    expect(await callMonitor(undefined, new Telling().context())).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  it('goes to the others where one does not take it', async () => {
    await using server = await startWebReceiver(({ path }) => (path === '/bad' ? 404 : 200));
    const reporting = {
      when: 'always',
      webhook: webhookOf(server.at('/hook')),
      monitor: { failure: server.at('/bad') },
    } as const;
    const untold = await tell(news, reporting, new Telling().context());
    expect(untold.map(({ path }) => path)).toEqual(['report.monitor']);
    expect(server.calls.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /bad',
      'POST /hook',
    ]);
  });
});
