/**
 * Secrets, asked for at the moment of the login and never kept in a configuration, a log or an
 * error. The host program answers: SecretStorage in VS Code; environment, file, command or prompt in
 * a terminal.
 */
export interface Credentials {
  /**
   * The password of an endpoint (`endpointOf`, `ssh://user@host:port` of a jump host, or
   * `smtp://user@host:port` of the mail server that takes the report). Undefined: there is none.
   */
  password(endpoint: string): Promise<string | undefined>;
  /** The passphrase of a private key file. Undefined: there is none. */
  passphrase(keyFile: string): Promise<string | undefined>;
  /**
   * Answers to what a server asks by keyboard-interactive beyond the password (a one-time code).
   * Undefined: nobody is there to answer.
   */
  answers(endpoint: string, question: Question): Promise<string[] | undefined>;
}

export interface Question {
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[];
}

/** What a server showed of itself, for a person to compare: a host key or a certificate. */
export interface Identity {
  /** `ssh-ed25519` …, or `certificate`. */
  readonly type: string;
  /** `SHA256:` and 43 characters of base64. For a certificate: of its DER form. */
  readonly fingerprint: string;
  /** `SHA256:…` of the public key in a certificate (its SubjectPublicKeyInfo, RFC 5280). */
  readonly keyFingerprint?: string;
  /** Where it was seen: `host:port`. */
  readonly address: string;
  /** More for a person: subject, issuer and dates of a certificate. */
  readonly details: readonly string[];
  /** Only the name of the certificate differs from the host: what to expect instead of pinning it. */
  readonly certificateName?: string;
  /** Not the pinned certificate, but whoever shows it has the key of that one. */
  readonly hasSameKey?: boolean;
  /** Whether it is trusted already, and by what; `renewed`: not the pinned one, but it proves itself. */
  readonly trust:
    'renewed' | 'pinned' | 'known-hosts' | 'verified' | 'unknown' | 'changed' | 'revoked';
}
