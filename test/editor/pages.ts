import fs from 'node:fs';
import path from 'node:path';
import { makeSnapshot } from './makeSnapshot';
import type { Stage } from './stage';

const day = 86_400_000;
const long = new Date('2020-01-01T00:00:00Z');
export const names = Array.from({ length: 20 }, (_, index) => `page ${index + 10}.html`);

/** A folder that a server of the kind `local` backs up, with files that are old. */
export function makeData(stage: Stage): string {
  const data = path.join(stage.workspace, 'data');
  fs.mkdirSync(data);
  for (const name of names) write(data, name, `${name} `.repeat(100));
  return data;
}

export function write(data: string, name: string, text: string, mtime = long): void {
  fs.writeFileSync(path.join(data, name), text);
  fs.utimesSync(path.join(data, name), mtime, mtime);
}

/** So many snapshots, one a day, the last one of yesterday; one file is another in each. */
export async function makeDays(
  stage: Stage,
  server: string,
  data: string,
  days: number,
): Promise<void> {
  const noon = Math.floor(Date.now() / day) * day + day / 2;
  for (let ago = days; ago > 0; ago -= 1) {
    const mtime = new Date(long.getTime() + (days - ago) * 1000);
    write(data, names[0] ?? '', `day ${ago} `.repeat(1000), mtime);
    await makeSnapshot(stage, server, undefined, noon - ago * day);
  }
}
