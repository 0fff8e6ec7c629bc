import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Whether a certificate bears the name that is expected: undefined if so, else an error with Node's code
 * for it. A wildcard (`*.hoster.example`) stands for the certificate's own wildcard and for any name one
 * level below (RFC 6125, 6.4.3), as hosters change between the two.
 */
export function faultOfName(expected: string, certificate: PeerCertificate): Error | undefined {
  const fault = checkServerIdentity(expected.replace(/^\*\./, 'any.'), certificate);
  if (!fault || !expected.startsWith('*.')) return fault;
  const parent = expected.slice(1).toLowerCase();
  const isBelow = (name: string): boolean =>
    name.endsWith(parent) && !name.slice(0, -parent.length).includes('.');
  return dnsNames(certificate.subjectaltname).some(isBelow) ? undefined : fault;
}

/** The DNS names of `subjectaltname`, as Node writes it: `DNS:a.example, IP Address:127.0.0.1`. */
export function dnsNames(subjectAltName: string | undefined): string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length).toLowerCase());
}

/** The name to expect of a certificate from now on: its wildcard, if it has one. */
export function nameToExpect(subjectAltName: string | undefined): string | undefined {
  const names = dnsNames(subjectAltName);
  return names.find((name) => name.startsWith('*.')) ?? names[0];
}
