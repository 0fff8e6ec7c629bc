/** What every server must be able to answer at once (section 3 of the draft). */
export const chunkLength = 32_768;
/** What servers with packets of 4 KiB can answer. */
export const shortRead = 4096 - 64;

/** How a server wants files to be read, learnt from what it refused. */
export class ReadHabits {
  /** A READ that reaches past the end of the file gives nothing of what is before it. */
  failsPastEnd = false;
  /** The longest READ, in bytes. */
  readLength = chunkLength;
}
