import * as z from 'zod/mini';
import { mailAddressesForm, mailAddressForm } from './mailAddress';
import { webhookFormats } from './webhook';
import { described, hostName, oneOf, text, wholeNumber } from './schemaRules';

/* The part of the configuration file about who is told how a run went. */

const anyAddress = 'an http or https address';
const address = () =>
  z.string({ error: anyAddress }).check(
    // No user name: it would be followed by a password, and the file holds no secrets.
    z.regex(/^https?:\/\/[^\s@/?#]+(?:[/?#]\S*)?$/, { error: anyAddress }),
    z.refine((written) => URL.canParse(written), { error: anyAddress }),
  );

const anyMail = 'a mail address such as "backup@example.org"';
const anyMails = `${anyMail}, or several with commas between`;

const smtpSchema = z.strictObject(
  {
    host: described(hostName(), 'The mail server.'),
    port: z.optional(
      described(wholeNumber(1, 65_535), 'Default: 587 with "starttls", 465 with "tls", else 25.'),
    ),
    username: z.optional(
      described(
        text('a user name'),
        'The account to log in with. Absent: no login. The password is a secret and does not stand here.',
      ),
    ),
    security: z.optional(
      described(
        oneOf(['starttls', 'tls', 'none']),
        '"starttls" (default): encrypted after the greeting, or nothing is sent. "tls": encrypted from the start. "none": the report and the password can be read on the way.',
      ),
    ),
    ca: z.optional(
      described(
        text('the path of a PEM file'),
        'An extra certificate authority, relative to the workspace folder.',
      ),
    ),
  },
  { error: 'an object with the mail server' },
);

const mailSchema = z.strictObject(
  {
    to: described(
      z.string({ error: anyMails }).check(z.regex(mailAddressesForm, { error: anyMails })),
      'Who gets the report: an address, or several with commas between.',
    ),
    from: described(
      z.string({ error: anyMail }).check(z.regex(mailAddressForm, { error: anyMail })),
      'Who it comes from, as the mail server allows it: "backup@example.org" or "Backup <backup@example.org>".',
    ),
    smtp: described(smtpSchema, 'The mail server that takes the report.'),
  },
  { error: 'an object with "to", "from" and "smtp"' },
);

const anyMonitor =
  'an http or https address, or an object with addresses for "start", "success" and "failure"';

const monitorSchema = z.union(
  [
    address(),
    z.strictObject({
      start: z.optional(described(address(), 'Called when a run begins.')),
      success: z.optional(described(address(), 'Called when a run has made a complete snapshot.')),
      failure: z.optional(
        described(address(), 'Called when a run failed or is incomplete, and when one is overdue.'),
      ),
    }),
  ],
  { error: anyMonitor },
);

const anyWebhook = 'an http or https address, or an object with "address" and "format"';

const webhookSchema = z.union(
  [
    address(),
    z.strictObject({
      address: described(address(), 'The address that the service has given.'),
      format: z.optional(
        described(
          oneOf(webhookFormats),
          'In whose form: for services on a host of your own, or "json" for all of the report. "teams" is a workflow, "teams-connector" the older kind. Default: as the address says.',
        ),
      ),
    }),
  ],
  { error: anyWebhook },
);

export const reportSchema = z.strictObject(
  {
    when: z.optional(
      described(
        oneOf(['always', 'failure', 'never']),
        'When mail and webhook are sent. "failure" (default): when a run failed or is incomplete, or a backup is overdue.',
      ),
    ),
    mail: z.optional(described(mailSchema, 'Send the report by mail.')),
    webhook: z.optional(
      described(
        webhookSchema,
        'Post the report to this address: as a message to Slack, Discord, Teams, Google Chat, ntfy or Gotify, which are known by their addresses or by "format", else as JSON.',
      ),
    ),
    monitor: z.optional(
      described(
        monitorSchema,
        'An address that a monitoring service waits to be called at, after every run: itself on success, with "/start" and "/fail" behind it at the start and on failure; or an address for each.',
      ),
    ),
  },
  { error: 'an object with "when", "mail", "webhook" and "monitor"' },
);

export type RawReport = z.infer<typeof reportSchema>;
