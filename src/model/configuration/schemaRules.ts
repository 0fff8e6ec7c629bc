import * as z from 'zod/mini';

/* Rules that fields of different parts of the configuration file share. */

/** With the hover text of the editor. */
export const described = <T extends z.core.$ZodType>(schema: T, description: string): T => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

export const wholeNumber = (minimum: number, maximum: number) =>
  z
    .number({ error: `a whole number from ${minimum} to ${maximum}` })
    .check(
      z.int({ error: `a whole number from ${minimum} to ${maximum}` }),
      z.minimum(minimum, { error: `a whole number from ${minimum} to ${maximum}` }),
      z.maximum(maximum, { error: `a whole number from ${minimum} to ${maximum}` }),
    );

export const text = (accepted: string) =>
  z
    .string({ error: accepted })
    .check(
      z.minLength(1, { error: accepted }),
      z.regex(/^[^\0\r\n]*$/, { error: `${accepted}, on one line` }),
    );

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.map((value) => `"${value}"`).join(', ')}` });

/** A name or an address, without a port, a user or a path. */
export const hostName = () =>
  text('a host name or address').check(
    z.regex(/^[^-\s/@][^\s/@]*$/, { error: 'a host name or address' }),
  );
