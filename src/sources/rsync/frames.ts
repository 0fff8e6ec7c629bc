import { malformed } from './protocolError';

/** What a frame carries beside data (rsync rsync.h: enum msgcode). */
export const tag = {
  data: 0,
  transferError: 1,
  info: 2,
  error: 3,
  warning: 4,
  socketError: 5,
  log: 6,
  client: 7,
  utf8Error: 8,
  redo: 9,
  stats: 10,
  ioError: 22,
  ioTimeout: 33,
  noOperation: 42,
  errorExit: 86,
  success: 100,
  deleted: 101,
  notSent: 102,
} as const;

/** Added to every tag on the wire (rsync io.h: MPLEX_BASE). */
const base = 7;
const longestMessage = 65_536;
const longestFrame = 0xff_ffff;

export interface FrameHandler {
  onData(data: Buffer): void;
  /** The payload may be kept. */
  onMessage(tag: number, payload: Buffer): void;
}

/** Takes the frames of a server apart, as their bytes arrive (rsync io.c: read_a_msg). */
export class FrameSplitter {
  readonly #handler: FrameHandler;
  #head = Buffer.alloc(4);
  #headLength = 0;
  #tag = 0;
  #left = 0;
  #message: Buffer[] = [];

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws `protocol` if a message is too long. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headLength < 4) {
        const count = Math.min(4 - this.#headLength, chunk.length - at);
        chunk.copy(this.#head, this.#headLength, at, at + count);
        this.#headLength += count;
        at += count;
        if (this.#headLength === 4) this.#begin(this.#head.readUInt32LE(0));
      } else {
        const piece = chunk.subarray(at, at + this.#left);
        at += piece.length;
        this.#left -= piece.length;
        if (this.#tag === tag.data) this.#handler.onData(piece);
        else this.#message.push(piece);
      }
      if (this.#headLength === 4 && this.#left === 0) this.#end();
    }
  }

  #begin(head: number): void {
    this.#left = head & longestFrame;
    this.#tag = (head >>> 24) - base;
    if (this.#tag < 0) throw malformed('something that is no frame');
    if (this.#tag !== tag.data && this.#left > longestMessage) {
      throw malformed(`a message of ${this.#left} bytes`);
    }
  }

  #end(): void {
    this.#headLength = 0;
    if (this.#tag === tag.data) return;
    const payload = Buffer.concat(this.#message);
    this.#message = [];
    this.#handler.onMessage(this.#tag, payload);
  }
}

/** A data frame around the bytes, or several where they do not fit in one. */
export function framesOf(data: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at === 0 || at < data.length; at += longestFrame) {
    const piece = data.subarray(at, at + longestFrame);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(piece.length + (base + tag.data) * 0x100_0000, 0);
    pieces.push(head, piece);
  }
  return Buffer.concat(pieces);
}
