import { limit, packet } from './constants';
import { malformed } from './fields';

/** Takes the packets that `FrameReader` finds. */
export interface FrameHandler {
  /** Content of a file. The pieces are parts of what arrived, not copies, and the handler's to keep. */
  onData(id: number, pieces: Buffer[], length: number): void;
  /** Any other packet, without its length and type. */
  onPacket(type: number, body: Buffer): void;
}

/** Length and type; then, of data, the request's number and the data's length. */
const headerLength = 5;
const dataHeaderLength = 8;

/** Cuts the stream of a channel into SFTP packets, without copying the content of files. */
export class FrameReader {
  readonly #handler: FrameHandler;
  #chunks: Buffer[] = [];
  #available = 0;
  /** Of the packet that is being awaited: the bytes behind its type, or -1 if not known yet. */
  #bodyLength = -1;
  #type = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Takes what arrived. Throws `protocol` if it is no SFTP. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    while (this.#readHeader() && this.#available >= this.#bodyLength) {
      const length = this.#bodyLength;
      this.#bodyLength = -1;
      if (this.#type === packet.data) this.#readData(length);
      else this.#handler.onPacket(this.#type, this.#take(length));
    }
  }

  #readHeader(): boolean {
    if (this.#bodyLength >= 0) return true;
    if (this.#available < headerLength) return false;
    const header = this.#take(headerLength);
    const length = header.readUInt32BE(0);
    if (length < 1 || length > limit.packet) throw malformed(`a packet of ${length} bytes`);
    this.#bodyLength = length - 1;
    this.#type = header[4] ?? 0;
    return true;
  }

  #readData(length: number): void {
    if (length < dataHeaderLength) throw malformed('a packet that ends too early');
    const header = this.#take(dataHeaderLength);
    const dataLength = header.readUInt32BE(4);
    const rest = length - dataHeaderLength;
    if (dataLength > rest) throw malformed('a packet that ends too early');
    const pieces = this.#takePieces(dataLength);
    if (rest > dataLength) this.#take(rest - dataLength);
    this.#handler.onData(header.readUInt32BE(0), pieces, dataLength);
  }

  /** The next bytes in one piece: copied only where they lie across chunks. */
  #take(count: number): Buffer {
    const pieces = this.#takePieces(count);
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
  }

  #takePieces(count: number): Buffer[] {
    const pieces: Buffer[] = [];
    let missing = count;
    this.#available -= count;
    while (missing > 0) {
      const chunk = this.#chunks[0];
      if (!chunk) break;
      if (chunk.length > missing) {
        pieces.push(chunk.subarray(0, missing));
        this.#chunks[0] = chunk.subarray(missing);
        break;
      }
      pieces.push(chunk);
      missing -= chunk.length;
      this.#chunks.shift();
    }
    return pieces;
  }
}
