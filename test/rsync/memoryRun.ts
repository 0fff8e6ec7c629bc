/** A program of its own, so that its memory is its own: decodes a list of a million entries. */
import { ByteReader } from '../../src/sources/rsync/byteReader';
import { ByteWriter } from '../../src/sources/rsync/byteWriter';
import { FileTable } from '../../src/sources/rsync/fileTable';
import { usualLimits } from '../../src/sources/rsync/limits';
import { ListDecoder } from '../../src/sources/rsync/listDecoder';
import { Listing } from '../../src/sources/rsync/listing';
import { requestOrder } from '../../src/sources/rsync/listOrder';
import { rootPath } from '../../src/model/remotePath';

const filesInFolder = 999;
const folders = 1000;

/** A folder with its files, as the wire has them, without shared beginnings. */
function folderOnWire(folder: number): Buffer {
  const writer = new ByteWriter(filesInFolder * 64);
  const add = (name: string, mode: number): void => {
    const bytes = Buffer.from(name);
    writer.byte(0x40).byte(bytes.length).bytes(bytes);
    writer.bytes(Buffer.from('000300', 'hex')).bytes(Buffer.from('65257d93', 'hex')).int(mode);
  };
  add(`folder-with-a-name-${folder}`, 0o040755);
  for (let file = 0; file < filesInFolder; file += 1) {
    add(`folder-with-a-name-${folder}/a-file-of-some-length-${file}.html`, 0o100644);
  }
  return writer.done();
}

const table = new FileTable(usualLimits);
const form = { protocol: 31, safeEnd: true, digests: false };
const decoder = new ListDecoder(form, table);
const reader = new ByteReader();
let resident = 0;
for (let folder = 0; folder < folders; folder += 1) {
  reader.append(folderOnWire(folder));
  while (reader.available > 0) reader.attempt(() => decoder.read(reader));
  resident = Math.max(resident, process.memoryUsage.rss());
}
const listing = new Listing(rootPath, 'content', table, 1);
const order = requestOrder(table, 31);
let entries = 0;
for (let position = 0; position < listing.length; position += 1) {
  if (listing.entry(position).path.length > 0) entries += 1;
  if (position % 10_000 === 0) resident = Math.max(resident, process.memoryUsage.rss());
}
resident = Math.max(resident, process.memoryUsage.rss());
process.stdout.write(JSON.stringify({ entries, resident, requests: order.length }));
