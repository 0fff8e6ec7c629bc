/** The numbers of SFTP version 3: draft-ietf-secsh-filexfer-02. */
export const version = 3;

export const packet = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  lstat: 7,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  stat: 17,
  readlink: 19,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
} as const;

export const status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
} as const;

export const attribute = {
  size: 0x1,
  owner: 0x2,
  permissions: 0x4,
  times: 0x8,
  extended: 0x8000_0000,
} as const;

/** `SSH_FXF_READ`, the only way in which files are opened here. */
export const openForReading = 1;

/**
 * What may come from a server, so that none can fill the memory. OpenSSH answers with packets of at
 * most 256 KiB and names of at most 4096 bytes.
 */
export const limit = {
  packet: 256 * 1024 + 1024,
  name: 65_536,
  longName: 131_072,
  message: 65_536,
  handle: 256,
  namesInPacket: 8192,
  extensions: 256,
} as const;
