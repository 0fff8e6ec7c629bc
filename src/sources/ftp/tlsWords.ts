import { messageOf, systemCode } from '../../base/errors';

/** What OpenSSL says of a failed handshake, in its codes and texts, and what it means for a person. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /wrong.version.number|packet.length.too.long|http.request|bad.record.type|record.layer.failure/i,
    'The server sends data unencrypted where TLS was expected. Check "tls" ("explicit" or "implicit") and the port; a server without TLS needs "protocol": "ftp".',
  ],
  [
    /unsupported.protocol|alert.protocol.version|version.too.low/i,
    'The server speaks only TLS 1.0 or 1.1, which is not safe any more. Ask the host for TLS 1.2.',
  ],
  [
    /certificate.required|peer.did.not.return.a.certificate/i,
    'The server wants a client certificate: set "clientCertificate" and "clientKey".',
  ],
  [
    /alert.(?:bad.certificate|unsupported.certificate|certificate.(?:revoked|expired|unknown)|unknown.ca|access.denied)/i,
    'The server does not accept the client certificate. Check "clientCertificate" and "clientKey".',
  ],
  [
    /handshake.failure|no.shared.cipher|no.ciphers.available|insufficient.security/i,
    'The server and this computer have no kind of encryption in common, or it wants a client certificate ("clientCertificate", "clientKey").',
  ],
  [
    /(?:dh|ee|ca).key.too.small|(?:ca|ee).md.too.weak/i,
    'The key of the server is too short, or its signature too weak, to be safe. Ask the host for a new certificate.',
  ],
  [
    /unsafe.legacy.renegotiation|legacy.sigalg/i,
    'The server speaks an old form of TLS that is not safe any more. Ask the host for an update.',
  ],
  [
    /decrypt(?:ion)?.(?:error|failed)|bad.record.mac|alert.(?:decode|internal|illegal)/i,
    'The encrypted connection was damaged on its way. A firewall or proxy may be in between.',
  ],
];

/** The same in words, or undefined if it is not OpenSSL that speaks. */
export function tlsWords(error: unknown): string | undefined {
  const code = systemCode(error) ?? '';
  const text = `${code} ${messageOf(error)}`;
  if (!/^(?:ERR_SSL_|EPROTO)/.test(code) && !/\berror:[\dA-F]{8}\b/i.test(text)) return undefined;
  return meanings.find(([form]) => form.test(text.replaceAll(/[_ ]/g, ' ')))?.[1];
}
