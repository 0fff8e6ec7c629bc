/** What a person is to read, before it takes the form of a document or a mail. Texts are as they came: each form shows them so that they cannot be taken for markup. */
export interface Outline {
  readonly title: string;
  readonly verdict: string;
  /** Why it went wrong. */
  readonly error?: { readonly kind: string; readonly message: string };
  readonly figures: readonly Figure[];
  readonly sections: readonly Section[];
}

export interface Figure {
  readonly name: string;
  /** A time is ISO 8601 in UTC. */
  readonly value: string;
  readonly form: 'text' | 'code' | 'time';
}

export interface Section {
  readonly title: string;
  readonly introduction?: string;
  readonly lines: readonly {
    readonly mark?: string;
    readonly path: string;
    readonly text?: string;
    readonly kind?: string;
  }[];
  /** Where the lines that are left out are found. */
  readonly more?: string;
}
