import {
  array,
  assert as holds,
  boolean,
  check,
  integer,
  nat,
  property,
  record,
  uint8Array,
} from 'fast-check';
import { expect, test } from 'vitest';

import { secondsOf } from '../../src/sources/sftp/attributes';
import { FrameReader } from '../../src/sources/sftp/frames';
import { ReadBudget } from '../../src/sources/sftp/readBudget';
import { uint32 } from '../servers/scriptedSftp';

const data = 103;

interface Packet {
  readonly isData: boolean;
  readonly id: number;
  readonly content: Uint8Array;
}

function bytesOf({ isData, id, content }: Packet): Buffer {
  const rest = isData ? Buffer.concat([uint32(id), uint32(content.length), content]) : content;
  return Buffer.concat([uint32(rest.length + 1), Buffer.from([isData ? data : 104]), rest]);
}

test('packets come out as they went in, wherever the stream is cut', () => {
  const packets = array(
    record({ isData: boolean(), id: nat(), content: uint8Array({ maxLength: 300 }) }),
  );
  const cuts = array(integer({ min: 1, max: 200 }));
  holds(
    property(packets, cuts, (sent, lengths) => {
      const received: Packet[] = [];
      const reader = new FrameReader({
        onData: (id, pieces, length) => {
          const content = Buffer.concat(pieces);
          expect(content.length).toBe(length);
          received.push({ isData: true, id, content: new Uint8Array(content) });
        },
        onPacket: (_type, body) => {
          received.push({ isData: false, id: 0, content: new Uint8Array(body) });
        },
      });
      let stream = Buffer.concat(sent.map(bytesOf));
      for (const length of [...lengths, stream.length]) {
        if (stream.length > 0) reader.push(stream.subarray(0, length));
        stream = stream.subarray(length);
      }
      const expected = sent.map((one) => (one.isData ? one : { ...one, id: 0 }));
      expect(received.map((one) => ({ ...one, content: [...one.content] }))).toEqual(
        expected.map((one) => ({ ...one, content: [...one.content] })),
      );
    }),
  );
});

test('noise is no SFTP, and never more than an error', () => {
  const result = check(
    property(array(uint8Array({ minLength: 1, maxLength: 50 })), (chunks) => {
      const reader = new FrameReader({ onData: () => undefined, onPacket: () => undefined });
      try {
        for (const chunk of chunks) reader.push(Buffer.from(chunk));
      } catch (error) {
        expect(error).toMatchObject({ kind: 'protocol' });
      }
    }),
  );
  expect(result.failed).toBe(false);
});

test.each([
  [0, 0],
  [0x7fff_ffff, 2 ** 31 - 1],
  [0x8000_0000, 2 ** 31],
  [0xbfff_ffff, 0xbfff_ffff],
  [0xc000_0000, -(2 ** 30)],
  [0xffff_ffff, -1],
])('the time %i means %i', (sent, seconds) => expect(secondsOf(sent)).toBe(seconds));

test('memory is given out once, and offered again when it is free', () => {
  const budget = new ReadBudget(10);
  let offers = 0;
  const again = (): void => void (offers += 1);
  expect(budget.take(6, again)).toBe(true);
  expect(budget.take(6, again)).toBe(false);
  expect(budget.take(4, again)).toBe(true);
  budget.giveBack(4);
  expect(offers).toBe(1);
  budget.giveBack(6);
  expect(offers).toBe(1);
  expect(budget.take(10, again)).toBe(true);
});
